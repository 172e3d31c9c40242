"""The lab's seeded random streams: equal seeds give equal numbers there and here.

A stream is a xoroshiro128+ generator on 32-bit words, seeded by the first four bytes of the SHA-256 of its path.
"""

import hashlib
import math

MASK = 0xFFFFFFFF


class Random:
    """One stream. `path`: the seed, and the labels of its forks joined by `/`."""

    def __init__(self, path):
        self.path = str(path)
        seed = int.from_bytes(hashlib.sha256(self.path.encode()).digest()[:4], "little")
        self.s01, self.s00, self.s11, self.s10 = MASK, seed ^ MASK, seed, 0

    def fork(self, label):
        """An independent stream; does not advance this one."""
        return Random(f"{self.path}/{label}")

    def word(self):
        """The next 32 bits, in the order of the lab's generator."""
        s00, s01, s10, s11 = self.s00, self.s01, self.s10, self.s11
        out = (s00 + s10) & MASK
        a0, a1 = s10 ^ s00, s11 ^ s01
        self.s00 = ((s00 << 24) ^ (s01 >> 8) ^ a0 ^ (a0 << 16)) & MASK
        self.s01 = ((s01 << 24) ^ (s00 >> 8) ^ a1 ^ ((a1 << 16) | (a0 >> 16))) & MASK
        self.s10 = ((a1 << 5) ^ (a0 >> 27)) & MASK
        self.s11 = ((a0 << 5) ^ (a1 >> 27)) & MASK
        return out ^ 0x80000000

    def next(self):
        """Uniform in [0, 1)."""
        return self.word() / 0x100000000

    def integer(self, bound):
        """Uniform in [0, bound), unbiased; `bound` from 1 to 2^32."""
        allowed = 0x100000000 // bound * bound if bound > 2 else 0x100000000
        value = self.word()
        while value >= allowed:
            value = self.word()
        return value % bound

    def normal(self):
        """Standard normal (Box-Muller)."""
        radius = math.sqrt(-2 * math.log(1 - self.next()))
        return radius * math.cos(2 * math.pi * self.next())

    def gamma(self, shape):
        """Gamma with unit scale (Marsaglia and Tsang, ACM TOMS 26, 2000)."""
        if shape < 1:
            return self.gamma(shape + 1) * (1 - self.next()) ** (1 / shape)
        d = shape - 1 / 3
        while True:
            x = self.normal()
            v = (1 + x / math.sqrt(9 * d)) ** 3
            if v > 0 and math.log(1 - self.next()) < 0.5 * x * x + d - d * v + d * math.log(v):
                return d * v

    def beta(self, alpha):
        """Beta(alpha, alpha)."""
        a, b = self.gamma(alpha), self.gamma(alpha)
        return a / (a + b) if a + b > 0 else 0.5

    def order(self, count):
        """0 to `count` less 1 in uniformly random order."""
        order = list(range(count))
        for i in range(count - 1, 0, -1):
            j = self.integer(i + 1)
            order[i], order[j] = order[j], order[i]
        return order
