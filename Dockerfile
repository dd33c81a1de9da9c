# check=error=true
# The base is pinned by the digest of its index, so that the same file builds the same image on every architecture.
# To renew it: docker buildx imagetools inspect node:24-slim --format '{{.Manifest.Digest}}'
ARG NODE=node:24-slim@sha256:a9f5f7c91a432850b2a8a7797adf5eadb6c733ceed61167806cee7ea7fbc29df

# No package's install script runs, in any stage: nothing here needs one.
FROM ${NODE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The directory stays empty: a copy of it is how the last stage, which runs no command, gives one to its user.
RUN npm ci --ignore-scripts && mkdir data
COPY tsconfig.json ./
COPY src ./src
RUN ["npm", "run", "prepare"]

FROM ${NODE}
LABEL org.opencontainers.image.title="atlas-conns" \
      org.opencontainers.image.description="Who holds our MongoDB Atlas connections, and who just started holding many more?" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.base.name="docker.io/library/node:24-slim"
WORKDIR /app
COPY --chmod=0644 package.json LICENSE ./
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build --chown=1000:1000 /app/data /data
# What probes from outside the container need; the port is published only by who wants it. Where memory is plenty, V8
# lets garbage pile up to 128 MB before it looks; a bot that runs for weeks beside others gives it back sooner.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=16 \
    ATLAS_CONNS_DATA_DIR=/data \
    HEALTH_HOST=0.0.0.0 \
    HEALTH_PORT=8080
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
VOLUME ["/data"]
EXPOSE 8080
# Whether it is alive, not whether Slack is: what restarts unhealthy containers must not restart this one for Slack.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["node", "/app/dist/main.js", "health", "--live"]
# Without a shell between: SIGTERM reaches the bot.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
