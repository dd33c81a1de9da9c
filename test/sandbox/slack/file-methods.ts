// files.*: an upload in three steps, then a message without buttons.

import { type Answer, type Fields, isFields, type Method, type Refusal, refuse, textOf, type World } from './answer.ts';
import { BOT, isMember, type UploadedFile } from './workspace.ts';

function uploadUrl(input: Fields, { workspace, url }: World): Answer | Refusal {
  const name = textOf(input['filename']);
  if (name === '' || !(Number(textOf(input['length'])) > 0)) return refuse('invalid_arguments');
  const id = workspace.newId('F');
  workspace.files.set(id, { id, name, title: name, channel: null, content: Buffer.alloc(0) });
  return { ok: true, upload_url: `${url}/upload/${id}`, file_id: id };
}

function complete(input: Fields, { workspace }: World): Answer | Refusal {
  const wanted = Array.isArray(input['files']) ? input['files'].filter(isFields) : [];
  const uploaded = wanted.map((one) => ({ one, file: workspace.files.get(textOf(one['id'])) }));
  const channelId = textOf(input['channel_id']);
  const channel = workspace.channels.get(channelId);
  if (channelId !== '' && channel === undefined) return refuse('channel_not_found');
  if (channel !== undefined && !isMember(channel, BOT.user)) return refuse('not_in_channel');
  const done: UploadedFile[] = [];
  for (const { one, file } of uploaded) {
    if (file === undefined || file.content.length === 0) return refuse('file_not_found');
    done.push({ ...file, title: textOf(one['title']) || file.name, channel: channel?.id ?? null });
  }
  for (const file of done) workspace.files.set(file.id, file);
  if (channel !== undefined) {
    workspace.post({
      channel: channel.id,
      user: BOT.user,
      text: [textOf(input['initial_comment']), ...done.map(({ title }) => `[${title}]`)].filter(Boolean).join('\n'),
      threadTs: textOf(input['thread_ts']) || null,
    });
  }
  return { ok: true, files: done.map(({ id, title }) => ({ id, title })) };
}

export const FILE_METHODS: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': { token: 'bot', scopes: ['files:write'], run: uploadUrl },
  'files.completeUploadExternal': { token: 'bot', scopes: ['files:write'], run: complete },
};
