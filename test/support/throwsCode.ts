import assert from 'node:assert/strict';
import { fill } from '../../extension/protocol/labels.ts';
import { type Message, type MessageCode, messages } from '../../extension/protocol/messages.ts';
import { UserError } from '../../extension/protocol/userError.ts';
import { word } from '../../extension/protocol/wording.ts';

/** The message with which the action fails; fails itself where it does not, or with anything but a `UserError`. */
export async function messageFrom(action: () => unknown): Promise<Message> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError) return error.info;
    throw error;
  }
  return assert.fail('expected a UserError');
}

/**
 * Asserts that the action fails with this code, and that its sentence is whole: every brace filled, and every one of
 * `parts` in it.
 */
export async function assertRefuses(
  action: () => unknown,
  code: MessageCode,
  ...parts: readonly string[]
): Promise<void> {
  const message = await messageFrom(action);
  assert.equal(message.code, code, JSON.stringify(message));
  const sentence = word(message, fill);
  assert.doesNotMatch(sentence, /[{}]|undefined/, `${messages[code]} ${JSON.stringify(message)}`);
  for (const part of parts) assert.ok(sentence.includes(part), `"${part}" is not in "${sentence}"`);
}
