// Installs what the host and UI tests need and prints where it is.
import { chromiumPath } from '../test/support/chromium.ts';
import { installCodeServer } from '../test/support/installCodeServer.ts';

console.log(`VS Code server: ${await installCodeServer()}`);
console.log(`Browser: ${chromiumPath()}`);
