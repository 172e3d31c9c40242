/** How to install what a set-up needs. */
export const installHints = {
  python:
    'install Python 3 with pip (Debian, Ubuntu: `apt install python3 python3-pip`; Fedora: ' +
    '`dnf install python3-pip`; macOS: `brew install python`), then run `npx stagecraft setup`',
  compiler:
    'install a C++ compiler (Debian, Ubuntu: `apt install g++ make`; Fedora: ' +
    '`dnf install gcc-c++ make`; macOS: `xcode-select --install`), then run `npx stagecraft setup`',
  npm: 'install npm, which comes with Node (https://nodejs.org), then run `npx stagecraft setup`',
} as const;
