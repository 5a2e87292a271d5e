import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import type { Browser, FrameLocator, Locator, Page } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { type CodeServer, type CodeServerOptions, startCodeServer } from './codeServer.ts';
import { cache, screenshots } from './paths.ts';
import { makeWorkspace, type Workspace } from './workspace.ts';

export type WorkbenchOptions = Pick<CodeServerOptions, 'restricted'>;

/** A VS Code window with the packaged extension in it, driven as a user drives it: by keys, clicks and what is shown. */
export class Workbench {
  readonly page: Page;
  readonly workspace: Workspace;
  private readonly browser: Browser;
  private readonly server: CodeServer;

  private constructor(page: Page, workspace: Workspace, browser: Browser, server: CodeServer) {
    this.page = page;
    this.workspace = workspace;
    this.browser = browser;
    this.server = server;
  }

  /** Starts VS Code with the VSIX installed and opens a window on a fresh workspace. */
  static async open(options: WorkbenchOptions = {}): Promise<Workbench> {
    const workspace = await makeWorkspace();
    const server = await startCodeServer({ vsix: join(cache, 'lstm-pruner.vsix'), ...options });
    const browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(20_000);
    const workbench = new Workbench(page, workspace, browser, server);
    await page.goto(`${server.origin}/?${new URLSearchParams({ folder: workspace.folder })}`);
    await workbench.ready();
    return workbench;
  }

  /** Waits until the window shows the workspace's files and knows what the extension contributes, in a new window as after a reload. */
  async ready(): Promise<void> {
    await this.page.locator('.explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
    // Before that a .keras file would open as text.
    await this.findCommand('LSTM Pruner: Show Gates');
    await this.page.keyboard.press('Escape');
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await this.workspace.remove();
  }

  /** Takes a picture into .cache/screenshots. */
  async screenshot(name: string): Promise<void> {
    await mkdir(screenshots, { recursive: true });
    await this.page.screenshot({ path: join(screenshots, `${name}.png`) });
  }

  /** Runs a command by its title in the palette. */
  async runCommand(title: string): Promise<void> {
    // A panel that opens may take the palette away before it has taken the click.
    for (let attempt = 0; ; attempt++) {
      const row = await this.findCommand(title);
      try {
        return await row.click({ timeout: 5000 });
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
  }

  /** Runs a command whose first question shows its own title, or `placeholder`, and waits for the question. */
  async runCommandThatAsks(title: string, placeholder?: RegExp): Promise<void> {
    const question = placeholder
      ? this.page.getByPlaceholder(placeholder)
      : this.quickInput.locator('.quick-input-title', { hasText: title });
    // A panel that an earlier step opened takes the focus when it is drawn, and closes a question that is there already.
    for (let attempt = 0; attempt < 4; attempt++) {
      await this.runCommand(title);
      const shown = question.waitFor({ timeout: 5000 }).then(() => true);
      if (!(await shown.catch(() => false))) continue;
      await this.page.waitForTimeout(500);
      if (await question.isVisible()) return;
    }
    throw new Error(`"${title}" asked nothing, or its question was closed again`);
  }

  /** Opens the palette and returns the row of a command. */
  private async findCommand(title: string): Promise<Locator> {
    const row = this.quickInput.getByRole('option', { name: title }).first();
    // The open list does not learn of commands that are registered later, so it is opened again until it has the row.
    for (let attempt = 0; ; attempt++) {
      try {
        // A window that is still loading takes no keys.
        await this.page.keyboard.press('F1');
        await this.quickInput.locator('input').fill(`>${title}`, { timeout: 2000 });
        await row.waitFor({ timeout: 2000 });
        return row;
      } catch (error) {
        if (attempt === 15) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** The palette, quick picks and input boxes. */
  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  /** Chooses a row of a quick pick by a part of its text. */
  async pick(text: string | RegExp): Promise<void> {
    await this.quickInput.locator('.monaco-list-row', { hasText: text }).first().click();
  }

  /** Accepts what an open quick pick or input box of this title has chosen already, and waits for what follows it. */
  async acceptDefault(placeholder: string | RegExp): Promise<void> {
    await this.page.getByPlaceholder(placeholder).waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.getByPlaceholder(placeholder).waitFor({ state: 'hidden' });
  }

  /** Types into an input box whose prompt or placeholder shows `prompt`, and accepts it. */
  async type(prompt: string | RegExp, value: string): Promise<void> {
    await this.quickInput.getByText(prompt).or(this.page.getByPlaceholder(prompt)).first().waitFor();
    await this.quickInput.locator('input').fill(value);
    await this.page.keyboard.press('Enter');
  }

  /** A file or folder in the explorer by its name; its folders must be open. */
  explorerRow(name: string): Locator {
    // Decorations follow the name, after a comma or a space.
    const row = (label: string) => `.explorer-folders-view .monaco-list-row[aria-label${label}]`;
    return this.page.locator([row(`="${name}"`), row(`^="${name},"`), row(`^="${name} "`)].join(', '));
  }

  /** Opens the folders of a path in the explorer and returns its last row. */
  async reveal(path: string): Promise<Locator> {
    const names = path.split('/');
    for (const folder of names.slice(0, -1)) {
      const row = this.explorerRow(folder);
      await row.waitFor();
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    }
    const row = this.explorerRow(names.at(-1)!);
    await row.waitFor();
    return row;
  }

  /** Right-clicks a row and chooses an entry of the menu. */
  async contextMenu(row: Locator, entry: string): Promise<void> {
    await this.chooseFromMenu(entry, () => row.click({ button: 'right' }));
  }

  /** Right-clicks a row and tells of an entry of the menu whether it can be chosen; false where it is not there. */
  async canChoose(row: Locator, entry: string): Promise<boolean> {
    await row.click({ button: 'right' });
    const menu = this.page.locator('.context-view .monaco-menu');
    await menu.getByRole('menuitem').first().waitFor();
    const item = menu.getByRole('menuitem', { name: entry, exact: true });
    const can = (await item.count()) > 0 && (await item.first().isEnabled());
    await this.page.keyboard.press('Escape');
    await menu.waitFor({ state: 'hidden' });
    return can;
  }

  /** The page inside the extension's panel or editor that is shown. */
  get panel(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  /** Text of the panel's card for a measure, on one line. */
  async card(label: string): Promise<string> {
    const text = await this.panel.locator('.card', { hasText: label }).first().textContent();
    return (text ?? '').replaceAll(/\s+/g, ' ');
  }

  /** Texts of all notifications, newest first. The toasts go away by themselves; the centre behind the bell keeps them. */
  async notifications(): Promise<string[]> {
    const centre = this.page.locator('.notifications-center.visible');
    if ((await centre.count()) === 0)
      await this.page.locator('.statusbar-item[id="status.notifications"]').click();
    const texts = await centre.locator('.notification-list-item-message').allInnerTexts();
    await this.page.keyboard.press('Escape');
    return texts;
  }

  /** Waits for a notification whose text matches. */
  async notification(text: RegExp): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const texts = await this.notifications();
      if (texts.some((shown) => text.test(shown))) return;
      if (Date.now() > deadline)
        throw new Error(`No notification ${text}, but: ${texts.join(' | ') || 'none'}`);
      await this.page.waitForTimeout(250);
    }
  }

  /** Clicks a button of a notification, in the centre behind the bell. */
  async notificationButton(name: string): Promise<void> {
    const centre = this.page.locator('.notifications-center.visible');
    if ((await centre.count()) === 0)
      await this.page.locator('.statusbar-item[id="status.notifications"]').click();
    await centre.getByRole('button', { name }).first().click();
  }

  /** Rows of the Problems view, opened where it is not. */
  async problems(): Promise<Locator> {
    const rows = this.page.locator('.markers-panel .monaco-list-row');
    if (!(await this.page.locator('.markers-panel').isVisible()))
      await this.runCommand('Problems: Focus on Problems View');
    return rows;
  }

  /** Chooses a quick fix of a line from its light bulb: in a read-only document VS Code has no key for it. */
  async lightBulb(line: string, title: string): Promise<void> {
    const lines = this.page.locator('.editor-instance .view-line');
    const row = this.page.locator('.action-widget .monaco-list-row', { hasText: title }).first();
    await this.chooseFrom(row, async () => {
      // The bulb follows a move of the cursor: a line that has it already must lose it first.
      await lines.first().click();
      await lines.filter({ hasText: line }).click();
      await this.page.locator('.editor-instance .lightBulbWidget').click({ timeout: 3000 });
    });
  }

  /** Chooses a quick fix of a row of the Problems view. */
  async quickFix(problem: Locator, title: string): Promise<void> {
    await this.chooseFromMenu(title, async () => {
      await problem.click();
      await this.page.keyboard.press('Control+.');
    });
  }

  /** Opens a menu and clicks an entry. */
  private async chooseFromMenu(entry: string, open: () => Promise<void>): Promise<void> {
    const menu = this.page.locator('.context-view .monaco-menu');
    await this.chooseFrom(menu.getByRole('menuitem', { name: entry }).first(), open);
  }

  /** Opens a list of choices and clicks one; again where it is not there yet, or a panel that opens takes the list away. */
  private async chooseFrom(choice: Locator, open: () => Promise<void>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        await open();
        await choice.hover({ timeout: 2000 });
        // VS Code takes a click that comes right after the menu for the end of the one that opened it.
        await this.page.waitForTimeout(300);
        await choice.click({ timeout: 2000 });
        break;
      } catch (error) {
        if (attempt === 15) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
    await choice.waitFor({ state: 'hidden' });
  }

  /** Path of a file of the workspace. */
  path(name: string): string {
    return join(this.workspace.folder, name);
  }

  /** Process ids of this window's background processes. */
  backgroundProcesses(): number[] {
    const list = execFileSync('ps', ['-axww', '-o', 'pid=,args='], { encoding: 'utf8' });
    return list
      .split('\n')
      .filter((line) => line.includes(this.server.home) && line.includes('dist/background.js'))
      .map((line) => Number.parseInt(line, 10));
  }

  /** The tab of an editor by its title. */
  tab(title: string | RegExp): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: title });
  }

  async setTheme(theme: 'light' | 'dark'): Promise<void> {
    await this.runCommandThatAsks('Preferences: Color Theme', /Color Theme/);
    const label = theme === 'light' ? 'Light Modern' : 'Dark Modern';
    await this.quickInput.locator('input').fill(label);
    await this.quickInput.locator('.monaco-list-row', { hasText: label }).first().click();
    await this.page.locator(`.monaco-workbench.vs${theme === 'dark' ? '-dark' : ''}`).waitFor();
  }

  /** Reloads the window as its own command does, which lets VS Code keep its editors. */
  async reload(): Promise<void> {
    // A panel that opens may take the palette away at the very click, which then runs nothing.
    for (let attempt = 0, loaded = false; !loaded; attempt++) {
      const loading = this.page.waitForEvent('load', { timeout: 10_000 });
      const [outcome] = await Promise.allSettled([loading, this.runCommand('Developer: Reload Window')]);
      loaded = outcome.status === 'fulfilled';
      if (!loaded && attempt === 2) throw new Error('The window was not reloaded');
    }
    await this.ready();
  }

  /** Selects several rows of the explorer. A click that comes while a row moves can miss it, so the selection is looked at again. */
  async selectRows(paths: readonly string[]): Promise<Locator> {
    const rows = [];
    for (const path of paths) rows.push(await this.reveal(path));
    const selected = this.page.locator('.explorer-folders-view .monaco-list-row.selected');
    for (let attempt = 0; ; attempt++) {
      for (const [i, row] of rows.entries()) await row.click(i === 0 ? {} : { modifiers: ['ControlOrMeta'] });
      await this.page.waitForTimeout(500);
      if ((await selected.count()) === rows.length) return rows.at(-1)!;
      if (attempt === 5) throw new Error(`could not select ${paths.join(', ')}`);
    }
  }
}

/** Opens a window before a file's tests, takes a picture of it when one fails, and closes it after them. */
export function openWorkbench(options: WorkbenchOptions = {}): () => Workbench {
  let workbench: Workbench;
  before(async () => {
    workbench = await Workbench.open(options);
  });
  afterEach(async (test) => {
    // Node's types do not know `passed` yet.
    const { passed, name } = test as unknown as { passed: boolean; name: string };
    if (!passed) await workbench.screenshot(`failed-${name.replaceAll(/\W+/g, '-')}`);
  });
  after(async () => workbench?.close());
  return () => workbench;
}
