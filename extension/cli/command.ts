import { flagName } from '../protocol/flagNames.ts';
import { commandLineMessages } from '../protocol/messages/commandLine.ts';
import type { Message, MessageCode } from '../protocol/messages.ts';
import { messageOf } from '../protocol/userError.ts';
import { word } from '../protocol/wording.ts';
import { parseArguments } from './flags.ts';
import { Interruption } from './interruption.ts';
import { readerLanguage } from './language.ts';
import { oneLine } from './printable.ts';
import { run } from './run.ts';
import { usage } from './usage.ts';

// Entry of the headless command: the same jobs as the extension's, in this process.

/** Refusals that the arguments themselves are to blame for. */
const argumentErrors = new Set<MessageCode>([
  ...(Object.keys(commandLineMessages) as MessageCode[]),
  'invalidValue',
  'optionsClash',
  'conversionUnknown',
  'optionAlone',
  'initialSparsityAbove',
  'optionMissing',
  'optionSearched',
  'optionNotSearched',
  'optionNeedsData',
  'optionNeedsEpochs',
  'gateUnknown',
  'nameUnknown',
  'nothingToPrune',
  'combinationUnknown',
  'targetCuts',
  'unitsExcluded',
  'matchLinear',
  'criterionNeedsData',
  'criterionNeedsTraining',
  'criterionNeedsTargets',
  'dataNeeded',
  'lossUnknown',
  'recipeInvalid',
]);

// Whoever reads the result may have enough of it before its end, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    return 0;
  }
  if (args.length === 0) {
    process.stderr.write(usage);
    return 2;
  }
  const language = readerLanguage(process.env);
  const interruption = new Interruption(language);
  try {
    const parsed = parseArguments(args);
    interruption.listen(parsed.keepBest);
    await run(parsed, language, interruption);
    return 0;
  } catch (error) {
    // Giving up may surface as any error of what was interrupted.
    const given = interruption.signal.aborted;
    const message = given ? interruption.message : messageOf(error);
    if (message.code === 'internal') console.error(error);
    process.stderr.write(`${oneLine(word(inFlags(message), language.t, language.locale))}\n`);
    if (given) return 130;
    return argumentErrors.has(message.code) ? 2 : 1;
  }
}

/** Messages name options by their keys; here they are flags. */
function inFlags(message: Message): Message {
  const args = { ...message.args };
  for (const name of ['option', 'other'])
    if (typeof args[name] === 'string') args[name] = `--${flagName(args[name])}`;
  return { ...message, args };
}

process.exitCode = await main(process.argv.slice(2));
