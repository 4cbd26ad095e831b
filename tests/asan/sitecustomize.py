"""Imported by every interpreter of tests/check-asan, where Python has malloc for an allocator.

Then Python's own count of blocks stands still, and tests of leaks would see nothing. So they get the
sanitizer's count of bytes, as if blocks were of the smallest size. That sees memory of the C library, too.
"""

import ctypes
import sys

allocated_bytes = ctypes.CDLL(None).__sanitizer_get_current_allocated_bytes
allocated_bytes.restype = ctypes.c_size_t
sys.getallocatedblocks = lambda: allocated_bytes() // 16
