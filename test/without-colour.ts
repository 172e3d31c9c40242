/** Set up before each test file: child processes print plain text, also where CI forces colours. */
delete process.env['FORCE_COLOR'];
process.env['NO_COLOR'] = '1';
