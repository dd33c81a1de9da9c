// saslStart and saslContinue, and their shortcut inside the first hello.

import { Binary, type Document } from 'bson';
import { authenticationFailed, badAuth, type CommandError, commandError } from './command-error.ts';
import { finishConversation, startConversation } from './scram.ts';
import type { NodeState, Peer } from './state.ts';

const MECHANISM = 'SCRAM-SHA-256';

export function saslStart(state: NodeState, peer: Peer, command: Document): Document {
  if (command['mechanism'] !== MECHANISM) {
    const text = `Received authentication for mechanism ${command['mechanism']} which is not enabled`;
    return commandError(334, 'MechanismUnavailable', text);
  }
  const accounts = command['$db'] === 'admin' ? state.accounts : null;
  const conversation = startConversation(bytesOf(command['payload']), (user) => accounts?.get(user)?.secret);
  if (conversation === null) return refusal(state);
  peer.conversation = conversation;
  return { conversationId: 1, done: false, payload: new Binary(Buffer.from(conversation.serverFirst)), ok: 1 };
}

export function saslContinue(state: NodeState, peer: Peer, command: Document): Document {
  const { conversation } = peer;
  peer.conversation = null;
  if (conversation === null) return commandError(17, 'ProtocolError', 'No SASL session state found');
  const serverFinal = finishConversation(conversation, bytesOf(command['payload']));
  const account = state.accounts?.get(conversation.user);
  if (serverFinal === null || account === undefined) return refusal(state);
  peer.account = account;
  return { conversationId: 1, done: true, payload: new Binary(Buffer.from(serverFinal)), ok: 1 };
}

/** What a hello with credentials in it gets beside its own answer; a failure is told by saying nothing. */
export function authenticationInHello(state: NodeState, peer: Peer, command: Document): Document {
  const fields: Document = {};
  const asked = String(command['saslSupportedMechs'] ?? '');
  if (state.accounts?.has(asked.slice(asked.indexOf('.') + 1))) fields['saslSupportedMechs'] = [MECHANISM];
  const speculative: Document | undefined = command['speculativeAuthenticate'];
  if (speculative === undefined) return fields;
  const { ok, ...started } = saslStart(state, peer, { ...speculative, $db: speculative['db'] });
  return ok === 1 ? { ...fields, speculativeAuthenticate: started } : fields;
}

function refusal(state: NodeState): CommandError {
  return state.tier === 'dedicated' ? authenticationFailed() : badAuth();
}

function bytesOf(payload: unknown): Uint8Array {
  return payload instanceof Binary ? payload.buffer.subarray(0, payload.position) : new Uint8Array();
}
