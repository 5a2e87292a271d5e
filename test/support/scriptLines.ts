// Lines of TorchScript over the modules that scriptCode.ts has.

export const steps = 'y, s, = (lstm).forward__0(x, None, )';
export const states = 'h, c, = s';
export const last = 'z = torch.select(torch.slice(y), 1, -1)';
export const both = 'y, h, = (both).forward__0(x, )';
export const head = 'return (fc).forward(z, )';
