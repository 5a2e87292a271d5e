/** Numbers as people of one language read them; for the panel, the reports and the terminal alike. */
export interface Numbers {
  /** 0.8 as 80.0%. */
  percent(fraction: number): string;
  /** An accuracy: 0.9785 as 97.85%. */
  score(fraction: number): string;
  /** A relative change with its sign: +9.9%. */
  signedPercent(fraction: number): string;
  /** The difference of two fractions in percentage points, with its sign: 0.8 as +80.0, 0.0108 as +1.08. */
  points(difference: number): string;
  /** A whole number with its grouping. */
  count(value: number): string;
  /** Four significant digits: losses and metrics. */
  quantity(value: number): string;
  /** Three significant digits: magnitudes of weights. */
  magnitude(value: number): string;
  /** A size in decimal units. */
  bytes(value: number): string;
  /** A learning rate: three significant digits, small ones without an exponent too. */
  rate(value: number): string;
  /** A time that was taken: 0.58 as 0.6 sec, 75 as 1 min 15 sec, 4810 as 1 hr 20 min. */
  seconds(value: number): string;
  /** A time to wait, from seconds: 42 as 40 sec, 200 as 3 min, 4800 as 1 hr 20 min. */
  duration(seconds: number): string;
}

const byteUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** Formats of a language; English where the name is unknown to Intl. */
export function numbersFor(locale: string): Numbers {
  const languages = supported(locale);
  // Each takes a millisecond or more to make, so those that nobody asks for are not made.
  const format = (options: Intl.NumberFormatOptions) => {
    let made: Intl.NumberFormat | undefined;
    return (value: number) => {
      made ??= new Intl.NumberFormat(languages, options);
      return made.format(value);
    };
  };
  const oneDigit = { minimumFractionDigits: 1, maximumFractionDigits: 1 } as const;
  const sizes = byteUnits.map((unit, power) =>
    format({
      style: 'unit',
      unit,
      unitDisplay: power === 0 ? 'long' : 'short',
      maximumFractionDigits: power === 0 ? 0 : 1,
    }),
  );
  const points = format({ signDisplay: 'exceptZero', minimumFractionDigits: 1, maximumFractionDigits: 2 });
  const quantity = format({ maximumSignificantDigits: 4 });
  const magnitude = format({ minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
  const scientific = format({ maximumSignificantDigits: 3, notation: 'scientific' });
  const whole = (unit: string) =>
    format({ style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 });
  const [second, minute, hour] = ['second', 'minute', 'hour'].map(whole);
  const underMinute = format({ style: 'unit', unit: 'second', unitDisplay: 'short', ...oneDigit });
  const plain = format({ maximumSignificantDigits: 3 });
  type Format = (value: number) => string;
  /** 75 as 1 min 15 sec; the smaller unit only where some of it is left. */
  const sixties = (value: number, large: Format, lesser: Format) => {
    const [whole, rest] = [Math.floor(value / 60), value % 60];
    return rest === 0 ? large(whole) : `${large(whole)} ${lesser(rest)}`;
  };
  const small = (value: number) => value !== 0 && Math.abs(value) < 1e-4;
  return {
    percent: format({ style: 'percent', ...oneDigit }),
    score: format({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 2 }),
    signedPercent: format({ style: 'percent', signDisplay: 'exceptZero', ...oneDigit }),
    points: (difference) => points(difference * 100),
    count: format({ maximumFractionDigits: 0 }),
    quantity: (value) => (small(value) ? scientific(value) : quantity(value)),
    magnitude: (value) => (small(value) ? scientific(value) : magnitude(value)),
    bytes: (value) => {
      const power = value < 1000 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(value) / 3));
      return sizes[power](value / 1000 ** power);
    },
    rate: (value) => (value > 0 && value < 1e-7 ? scientific : plain)(value),
    seconds: (value) => {
      if (value > 0 && value < 0.05) return `< ${underMinute(0.1)}`;
      if (value < 59.95) return underMinute(value);
      if (value < 3599.5) return sixties(Math.round(value), minute, second);
      return sixties(Math.round(value / 60), hour, minute);
    },
    duration: (seconds) => {
      if (seconds < 10) return second(Math.max(1, Math.round(seconds)));
      if (seconds < 90) return second(Math.round(seconds / 10) * 10);
      const minutes = Math.round(seconds / 60);
      return minutes < 60 ? minute(minutes) : sixties(minutes, hour, minute);
    },
  };
}

function supported(locale: string): string[] {
  try {
    return Intl.getCanonicalLocales(locale).concat('en');
  } catch {
    return ['en'];
  }
}
