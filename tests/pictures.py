#!/usr/bin/env python3
"""pictures.py DIRECTORY - PNG files of every kind, and what is to be read from each; or pictures.py -d FILE prints one as PPM

DIRECTORY/png/a has the pictures, each of 5 x 7 pixels; DIRECTORY/ppm/a the same ones as plain PPM, as PNG's standard and
libcommon/data/picture.h say that they look; DIRECTORY/damaged what is to be refused.
"""
import itertools
import os
import struct
import sys
import zlib

ROWS, COLUMNS = 5, 7
GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGB_ALPHA: (8, 16)}
ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
SIGNATURE = b'\x89PNG\r\n\x1a\n'
COLOURS = [(i * 37 % 256, i * 101 % 256, i * 211 % 256) for i in range(256)]


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def header(kind, depth, interlaced=0, rows=ROWS, columns=COLUMNS):
    return chunk(b'IHDR', struct.pack('>IIBBBBB', columns, rows, depth, kind, 0, 0, interlaced))


def values(kind, depth):
    """Samples that use the whole range: [row][column][channel]."""
    most = (1 << depth) - 1
    numbers = itertools.count()
    return [[[next(numbers) * 2654435761 // 7 % (most + 1) for _ in range(CHANNELS[kind])] for _ in range(COLUMNS)] for _ in range(ROWS)]


def pack_row(row, depth):
    """A filter byte, 0, and the samples with the first one in the highest bits."""
    bits = ''.join(format(sample, '0%db' % depth) for pixel in row for sample in pixel)
    bits += '0' * (-len(bits) % 8)
    return b'\0' + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def pack(samples, depth, interlaced):
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    rows = ([row[column::across] for row in samples[first::down] if row[column::across]] for first, column, down, across in passes)
    return b''.join(pack_row(row, depth) for row in itertools.chain.from_iterable(rows))


def to_byte(value, depth):
    most = (1 << depth) - 1
    return (value * 255 + most // 2) // most


def on_white(colour, opacity):
    return tuple((opacity * value + (255 - opacity) * 255 + 127) // 255 for value in colour)


def look(pixel, kind, depth, transparent):
    """The colour of a pixel; transparent: what tRNS says, or None."""
    if kind == PALETTE:
        opacity = transparent[pixel[0]] if transparent and pixel[0] < len(transparent) else 255
        return on_white(COLOURS[pixel[0]], opacity)
    colour = tuple(to_byte(value, depth) for value in pixel)
    if kind in (GREY_ALPHA, RGB_ALPHA):
        return on_white(colour[:-1], colour[-1])
    return (255,) * len(colour) if pixel == transparent else colour


def transparency(transparent, kind):
    if transparent is None:
        return b''
    return chunk(b'tRNS', bytes(transparent) if kind == PALETTE else struct.pack('>%dH' % len(transparent), *transparent))


def png(kind, depth, interlaced, transparent):
    samples = values(kind, depth)
    palette = b''.join(bytes(colour) for colour in COLOURS[:1 << depth])
    return (SIGNATURE + header(kind, depth, interlaced) + chunk(b'gAMA', struct.pack('>I', 100000)) +
            (chunk(b'PLTE', palette) if kind == PALETTE else b'') + transparency(transparent, kind) +
            chunk(b'tEXt', b'Comment\0no part of it') + chunk(b'IDAT', zlib.compress(pack(samples, depth, interlaced))) + chunk(b'IEND', b''))


def ppm(kind, depth, transparent):
    text = 'P3\n%d %d\n255\n' % (COLUMNS, ROWS)
    for row in values(kind, depth):
        for pixel in row:
            colour = look(pixel, kind, depth, transparent)
            text += '%d %d %d\n' % (colour if len(colour) == 3 else colour * 3)
    return text.encode()


def transparencies(kind, depth):
    yield None
    if kind == PALETTE:
        yield [i * 91 % 256 for i in range(1 << depth)]
    elif kind in (GREY, RGB):
        yield values(kind, depth)[2][3]


def damaged():
    whole = png(GREY, 8, 0, None)
    data = chunk(b'IDAT', zlib.compress(pack(values(GREY, 8), 8, 0)))
    yield 'empty', b''
    yield 'signature', SIGNATURE
    yield 'cut', whole[:-20]
    yield 'no-end', whole[:-12]
    yield 'sum', whole[:-18] + bytes([whole[-18] ^ 1]) + whole[-17:]
    yield 'no-data', SIGNATURE + header(GREY, 8) + chunk(b'IEND', b'')
    yield 'little-data', SIGNATURE + header(GREY, 8, rows=ROWS + 1) + data + chunk(b'IEND', b'')
    yield 'no-header', SIGNATURE + data + chunk(b'IEND', b'')
    yield 'no-rows', SIGNATURE + header(GREY, 8, rows=0) + data + chunk(b'IEND', b'')
    yield 'odd-depth', SIGNATURE + header(GREY, 3) + data + chunk(b'IEND', b'')
    yield 'no-palette', SIGNATURE + header(PALETTE, 8) + data + chunk(b'IEND', b'')
    yield 'huge', SIGNATURE + header(RGB_ALPHA, 16, rows=2**31 - 1, columns=2**31 - 1) + data + chunk(b'IEND', b'')
    yield 'wide', SIGNATURE + header(RGB, 8, rows=1, columns=2**26) + data + chunk(b'IEND', b'')
    yield 'bomb', SIGNATURE + header(GREY, 8, rows=9000, columns=9000) + chunk(b'IDAT', zlib.compress(bytes(9001 * 9000))) + chunk(b'IEND', b'')
    yield 'gif', b'GIF89a\x01\0\x01\0\0\0\0;'
    yield 'jpeg', b'\xff\xd8\xff\xe0\0\x10JFIF\0'
    yield 'bitmap.pbm', b'P4\n8 1\n\xff'


def decode(path):
    """The rows of a PNG file of 8 bits that is not interlaced, and its channels, by zlib and the standard alone."""
    with open(path, 'rb') as file:
        data = file.read()
    at, chunks, body = len(SIGNATURE), [], b''
    while at < len(data):
        size, kind = struct.unpack('>I4s', data[at:at + 8])
        assert struct.unpack('>I', data[at + 8 + size:at + 12 + size])[0] == zlib.crc32(data[at + 4:at + 8 + size])
        chunks.append(kind)
        if kind == b'IHDR':
            columns, rows, depth, colour, *rest = struct.unpack('>IIBBBBB', data[at + 8:at + 8 + size])
        elif kind == b'IDAT':
            body += data[at + 8:at + 8 + size]
        at += 12 + size
    assert depth == 8 and rest == [0, 0, 0] and set(chunks) == {b'IHDR', b'IDAT', b'IEND'}
    return unfilter(zlib.decompress(body), rows, columns, CHANNELS[colour]), CHANNELS[colour]


def predict(filtered, left, up, corner):
    estimate = left + up - corner
    nearest = min((abs(estimate - left), 0, left), (abs(estimate - up), 1, up), (abs(estimate - corner), 2, corner))[2]
    return (0, left, up, (left + up) // 2, nearest)[filtered]


def unfilter(body, rows, columns, channels):
    above, lines = bytes(columns * channels), []
    for row in range(rows):
        line = bytearray(body[row * (columns * channels + 1):(row + 1) * (columns * channels + 1)])
        filtered = line.pop(0)
        for i in range(len(line)):
            left, corner = (line[i - channels], above[i - channels]) if i >= channels else (0, 0)
            line[i] = (line[i] + predict(filtered, left, above[i], corner)) & 255
        lines.append(bytes(line))
        above = line
    return lines


def print_ppm(path):
    lines, channels = decode(path)
    print('P%d %d %d 255' % (2 if channels == 1 else 3, len(lines[0]) // channels, len(lines)))
    for line in lines:
        print(' '.join(map(str, line)))


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data)


def main():
    if sys.argv[1] == '-d':
        print_ppm(sys.argv[2])
        return
    directory = sys.argv[1]
    for kind, depths in DEPTHS.items():
        for depth, interlaced in itertools.product(depths, (0, 1)):
            for number, transparent in enumerate(transparencies(kind, depth)):
                name = '%d-%02d-%d-%d' % (kind, depth, interlaced, number)
                write(os.path.join(directory, 'png/a', name), png(kind, depth, interlaced, transparent))
                write(os.path.join(directory, 'ppm/a', name), ppm(kind, depth, transparent))
    for name, data in damaged():
        write(os.path.join(directory, 'damaged', name), data)


if __name__ == '__main__':
    main()
