package outside;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a terminal would show: obeys the control sequences of xterm that programs use to draw a screen; console_codes(4). */
final class Screen {
    private int rows, columns, row, column;
    private int[][] cells;
    private int[][] first; // while the second screen is shown
    private int firstRow, firstColumn;
    private boolean cursor = true;
    private final StringBuilder pending = new StringBuilder();
    private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE);
    private ByteBuffer rest = ByteBuffer.allocate(0);

    Screen(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
        cells = empty();
    }

    private int[][] empty() {
        return Stream.generate(this::emptyRow).limit(rows).toArray(int[][]::new);
    }

    private int[] emptyRow() {
        var line = new int[columns];
        Arrays.fill(line, ' ');
        return line;
    }

    synchronized void resize(int newRows, int newColumns) {
        rows = newRows;
        columns = newColumns;
        cells = Stream.concat(Arrays.stream(cells), Stream.generate(() -> new int[0])).limit(rows).map(line -> {
            var copy = emptyRow();
            System.arraycopy(line, 0, copy, 0, Math.min(line.length, columns));
            return copy;
        }).toArray(int[][]::new);
        row = Math.min(row, rows - 1);
        column = Math.min(column, columns - 1);
    }

    /** Its lines, without blanks at their ends. */
    synchronized String text() {
        return Arrays.stream(cells).map(line -> new String(line, 0, line.length).stripTrailing()).collect(Collectors.joining("\n"));
    }

    /** Whether the program uses the second screen, and whether it shows the cursor. */
    synchronized boolean second() {
        return first != null;
    }

    synchronized boolean cursor() {
        return cursor;
    }

    /** Takes the next bytes of a program's output. */
    synchronized void write(byte[] bytes, int length) {
        var all = ByteBuffer.allocate(rest.remaining() + length).put(rest).put(bytes, 0, length).flip();
        var chars = CharBuffer.allocate(all.remaining() + 1);
        decoder.decode(all, chars, false);
        rest = all.slice();
        pending.append(chars.flip());
        while (pending.length() > 0) {
            int used = step();
            if (used == 0) return; // a sequence whose end is still to come
            pending.delete(0, used);
        }
    }

    private int step() {
        char c = pending.charAt(0);
        switch (c) {
            case '\033' -> {
                return escape();
            }
            case '\r' -> column = 0;
            case '\n' -> lineFeed();
            case '\b' -> column = Math.max(0, column - 1);
            case '\t' -> column = Math.min(columns - 1, (column / 8 + 1) * 8);
            case '\007', '\016', '\017' -> { }
            default -> {
                if (c < ' ') throw new AssertionError("a terminal gets the control character " + (int) c);
                int point = pending.codePointAt(0);
                if (column == columns) {
                    column = 0;
                    lineFeed();
                }
                cells[row][column++] = point;
                return Character.charCount(point);
            }
        }
        return 1;
    }

    private void lineFeed() {
        if (row < rows - 1) {
            row++;
            return;
        }
        System.arraycopy(cells, 1, cells, 0, rows - 1);
        cells[rows - 1] = emptyRow();
    }

    private int escape() {
        if (pending.length() < 2) return 0;
        char kind = pending.charAt(1);
        if (kind == '[') {
            int end = 2;
            while (end < pending.length() && (pending.charAt(end) < '@' || pending.charAt(end) > '~')) end++;
            if (end == pending.length()) return 0;
            sequence(pending.substring(2, end), pending.charAt(end));
            return end + 1;
        }
        if ("()#".indexOf(kind) >= 0) return pending.length() < 3 ? 0 : 3;
        if ("=>78M".indexOf(kind) < 0) throw new AssertionError("this terminal does not know ESC " + kind);
        return 2;
    }

    private void sequence(String parameters, char kind) {
        if (parameters.startsWith("?")) {
            if (parameters.equals("?1049")) second(kind == 'h');
            if (parameters.contains("25")) cursor = kind == 'h';
            return;
        }
        var numbers = Arrays.stream(parameters.split(";")).mapToInt(each -> each.matches("\\d+") ? Integer.parseInt(each) : 0).toArray();
        int n = Math.max(1, numbers.length > 0 ? numbers[0] : 1);
        switch (kind) {
            case 'A' -> row = Math.max(0, row - n);
            case 'B' -> row = Math.min(rows - 1, row + n);
            case 'C' -> column = Math.min(columns - 1, column + n);
            case 'D' -> column = Math.max(0, Math.min(column, columns - 1) - n);
            case 'G' -> column = Math.min(columns, n) - 1;
            case 'd' -> row = Math.min(rows, n) - 1;
            case 'H', 'f' -> {
                row = Math.min(rows, n) - 1;
                column = Math.min(columns, Math.max(1, numbers.length > 1 ? numbers[1] : 1)) - 1;
            }
            case 'J' -> erase(numbers.length > 0 ? numbers[0] : 0, true);
            case 'K' -> erase(numbers.length > 0 ? numbers[0] : 0, false);
            case 'P' -> {
                System.arraycopy(cells[row], Math.min(columns, column + n), cells[row], column, Math.max(0, columns - column - n));
                Arrays.fill(cells[row], Math.max(column, columns - n), columns, ' ');
            }
            case '@' -> {
                System.arraycopy(cells[row], column, cells[row], Math.min(columns, column + n), Math.max(0, columns - column - n));
                Arrays.fill(cells[row], column, Math.min(columns, column + n), ' ');
            }
            case 'X' -> Arrays.fill(cells[row], column, Math.min(columns, column + n), ' ');
            case 'L', 'M' -> {
                for (int i = 0; i < n; i++) {
                    System.arraycopy(cells, kind == 'L' ? row : Math.min(rows - 1, row + 1), cells, kind == 'L' ? Math.min(rows - 1, row + 1) : row, rows - 1 - row);
                    cells[kind == 'L' ? row : rows - 1] = emptyRow();
                }
            }
            case 'm', 'r', 'h', 'l', 't' -> { } // colours, modes, the window's title
            default -> throw new AssertionError("this terminal does not know ESC [ " + parameters + kind);
        }
    }

    private void second(boolean on) {
        if (on == (first != null)) return;
        if (on) {
            first = cells;
            firstRow = row;
            firstColumn = column;
            cells = empty();
        } else {
            cells = first;
            first = null;
            row = firstRow;
            column = firstColumn;
            resize(rows, columns);
        }
    }

    /** @param how 0 from the cursor on, 1 up to it, 2 all */
    private void erase(int how, boolean screen) {
        int at = Math.min(column, columns - 1);
        if (how == 0) Arrays.fill(cells[row], at, columns, ' ');
        else if (how == 1) Arrays.fill(cells[row], 0, at + 1, ' ');
        else Arrays.fill(cells[row], ' ');
        for (int i = 0; screen && i < rows; i++) if (how == 2 || how == 0 && i > row || how == 1 && i < row) cells[i] = emptyRow();
    }
}
