"""timepicture: looks at what boot-report --svg draws.

timepicture.py SVG PNG JSON: is the SVG well-formed, is every bar of the rendered picture where the
JSON says it is, in its colour, and nothing beside it? PNG is the SVG rendered at its own size, JSON
what boot-report --json prints. Prints what is wrong, and exits 1 then.
"""
import json
import struct
import sys
import xml.etree.ElementTree
import zlib

WHITE = (255, 255, 255)
STAGE, HOOK, FAILED = (0x4E, 0x79, 0xA7), (0xED, 0xAE, 0x49), (0xC9, 0x30, 0x2C)
START, READY = (0xA8, 0xD5, 0xA2), (0x2E, 0x7D, 0x32)
COMMAND, PHASE = (0x7B, 0x5E, 0xA7), (0x8C, 0x8C, 0x8C)
NS = '{http://www.w3.org/2000/svg}'
wrong = 0


def complain(*words):
    global wrong
    wrong += 1
    print(*words)


def read_png(path):
    """Rows of (r, g, b), of a PNG of 8 bits a sample, RGB or RGBA, not interlaced."""
    data = open(path, 'rb').read()
    assert data[:8] == b'\x89PNG\r\n\x1a\n', 'no PNG'
    at, packed = 8, b''
    while at < len(data):
        size, kind = struct.unpack('>I4s', data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b'IHDR':
            width, height, depth, colour, _, _, interlace = struct.unpack('>IIBBBBB', body)
            assert depth == 8 and colour in (2, 6) and not interlace, 'a PNG of another kind'
        elif kind == b'IDAT':
            packed += body
        at += 12 + size
    n = 4 if colour == 6 else 3
    raw, stride, rows = zlib.decompress(packed), width * n, []
    before = bytearray(stride)
    for y in range(height):
        how = raw[y * (stride + 1)]
        line = bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        for i in range(stride):
            left = line[i - n] if i >= n else 0
            up, corner = before[i], before[i - n] if i >= n else 0
            if how == 1:
                line[i] = line[i] + left & 255
            elif how == 2:
                line[i] = line[i] + up & 255
            elif how == 3:
                line[i] = line[i] + (left + up) // 2 & 255
            elif how == 4:
                p = left + up - corner
                a, b, c = abs(p - left), abs(p - up), abs(p - corner)
                line[i] = line[i] + (left if a <= b and a <= c else up if b <= c else corner) & 255
        rows.append([tuple(line[i:i + 3]) for i in range(0, stride, n)])
        before = line
    return rows


def bars_of(row, last):
    """(from, to, colour) of what the picture must show."""
    end = last if row['end'] is None else row['end']
    kind, failed = row['kind'], row['code'] not in (None, 0)
    if kind == 'service':
        if row['result'] == 'up':
            return [(row['start'], last, READY)]
        if row['ready'] is None:
            return [(row['start'], last, START)]
        return [(row['start'], row['ready'], START), (row['ready'], last, READY)]
    colours = {'stage': STAGE, 'hook': HOOK, 'command': COMMAND, 'phase': PHASE}
    return [(row['start'], min(end, last),
             FAILED if failed and kind in ('stage', 'hook') else colours[kind])]


def check_row(g, row, panel, png):
    first, last = int(panel.get('data-from')), int(panel.get('data-to'))
    left, width = int(panel.get('data-x')), int(panel.get('data-width'))
    name = row['kind'] + ' ' + row['name']
    rects = g.findall(NS + 'rect')
    wanted = bars_of(row, last)
    if len(rects) != len(wanted):
        return complain(name, 'has', len(rects), 'bars, wanted', len(wanted))
    y = int(rects[0].get('y')) + int(rects[0].get('height')) // 2
    at = [(left + (a - first) * width / (last - first), left + (b - first) * width / (last - first))
          for a, b, _ in wanted]
    for rect, (a, b), (_, _, colour) in zip(rects, at, wanted):
        b = max(b, a + 2)
        x, w = float(rect.get('x')), float(rect.get('width'))
        if abs(x - a) > 0.2 or abs(x + w - b) > 0.3:
            complain(name, 'is drawn from', x, 'to', x + w, 'wanted', a, b)
        for i in range(round(a) + 1, round(b) - 1):
            # a bar as thin as the next one's beginning is covered by that
            if png[y][i] != colour and (len(at) == 1 or abs(i - at[1][0]) > 3):
                complain(name, 'pixel', i, y, 'is', png[y][i], 'wanted', colour)
                break
    # beside the bars there are only white and the grey of the grid
    ends = (at[0][0] - 2, max(at[-1][1], at[-1][0] + 2) + 2)
    for i in range(left - 6, left + width + 8):
        if not ends[0] < i < ends[1] and (max(png[y][i]) - min(png[y][i]) > 2):
            complain(name, 'pixel', i, y, 'beside the bar is', png[y][i])
            break


def check_texts(tree):
    """No text lies on a bar or beyond the edge: 0.61 of the font's size is what a character takes."""
    for g in tree.iter(NS + 'g'):
        if g.get('class') != 'row':
            continue
        rects = g.findall(NS + 'rect')
        a = min(float(r.get('x')) for r in rects)
        b = max(float(r.get('x')) + float(r.get('width')) for r in rects)
        for t in g.findall(NS + 'text'):
            x, n = float(t.get('x')), sum(2 if ord(c) > 0x2fff else 1 for c in t.text) * 6.71
            x1, x2 = (x - n, x) if t.get('class') == 'name' else (x, x + n)
            if (x1 < b and x2 > a) or x1 < 0 or x2 > float(tree.get('width')):
                complain('text', t.text, 'lies on a bar or beyond the edge')


def main():
    tree = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
    png = read_png(sys.argv[2])
    report = json.load(open(sys.argv[3]))
    if (len(png[0]), len(png)) != (int(tree.get('width')), int(tree.get('height'))):
        complain('the picture has another size')
    if png[0][0] != WHITE or png[-1][-1] != WHITE:
        complain('the background is not white')
    check_texts(tree)
    drawn = []
    for panel in tree.iter(NS + 'g'):
        if panel.get('class') == 'panel':
            drawn += [(g, panel) for g in panel.findall(NS + 'g')]
    rows = {}
    for row in report['rows']:
        name = ''.join('\ufffd' if c < ' ' or '\x7f' <= c < '\xa0' else c for c in row['name'])
        rows[row['kind'] + ' ' + name] = row
    if len(drawn) != len(rows):
        complain(len(drawn), 'rows are drawn, wanted', len(rows))
    for g, panel in drawn:
        title = g.find(NS + 'title').text
        if title not in rows:
            complain('no such row:', title)
        else:
            check_row(g, rows[title], panel, png)
    total = report['total'] / 1000
    title = next(t.text for t in tree.iter(NS + 'text') if t.get('class') == 'total')
    if abs(float(title.split()[1]) - total) > max(total / 100, 0.001):
        complain('the title says', title, 'wanted', total)
    sys.exit(1 if wrong else 0)


main()
