package kit.container;

import com.grack.nanojson.JsonArray;
import com.grack.nanojson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A value in a JSON text which knows its path there ({@code mounts[2].options}), so that an error can name it. Null counts as absent. */
public final class Json {
    /** What is wrong with a text, and where. */
    public static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message);
        }
    }

    private final String path;
    private final Object value;

    private Json(String path, Object value) {
        this.path = path;
        this.value = value;
    }

    public static Json of(JsonObject object) {
        return new Json("", object);
    }

    /** The member of an object; absent if there is none, or if the object itself is absent. */
    public Json at(String key) {
        return new Json(path.isEmpty() ? key : path + "." + key, value == null ? null : as(JsonObject.class, "an object").get(key));
    }

    /** The same where it must be there. */
    public Json need(String key) {
        Json member = at(key);
        if (member.absent()) {
            throw member.wrong("is missing");
        }
        return member;
    }

    public boolean absent() {
        return value == null;
    }

    /** Whether it says nothing: absent, false, or with nothing in it. */
    public boolean empty() {
        return value == null || value.equals(false) || value instanceof JsonObject object && object.isEmpty() || value instanceof JsonArray array && array.isEmpty();
    }

    public String path() {
        return path;
    }

    /** The names of an object's members; none if it is absent. */
    public Set<String> keys() {
        return value == null ? Set.of() : as(JsonObject.class, "an object").keySet();
    }

    /** The elements of an array; none if it is absent. */
    public List<Json> list() {
        List<Json> list = new ArrayList<>();
        if (value != null) {
            for (Object element : as(JsonArray.class, "an array")) {
                list.add(new Json(path + "[" + list.size() + "]", element));
            }
        }
        return list;
    }

    public List<String> texts() {
        return list().stream().map(Json::text).toList();
    }

    public String text() {
        return as(String.class, "a string");
    }

    public String text(String otherwise) {
        return value == null ? otherwise : text();
    }

    /** A path that begins with a slash. */
    public String absolute() {
        if (!text().startsWith("/")) {
            throw wrong("must be an absolute path, is \"" + text() + "\"");
        }
        return text();
    }

    public boolean flag() {
        return value != null && as(Boolean.class, "true or false");
    }

    public long number() {
        Number number = as(Number.class, "a number");
        if (number.doubleValue() != Math.rint(number.doubleValue())) {
            throw wrong("must be a whole number, is " + number);
        }
        return number.longValue();
    }

    public long number(long otherwise) {
        return value == null ? otherwise : number();
    }

    /** A number from 0 to {@code most}. */
    public int number(int otherwise, long most) {
        long number = number(otherwise);
        if (number < 0 || number > most) {
            throw wrong("must be from 0 to " + most + ", is " + number);
        }
        return (int) number;
    }

    private <T> T as(Class<T> type, String words) {
        if (!type.isInstance(value)) {
            throw wrong(value == null ? "is missing" : "must be " + words + ", is " + (value instanceof JsonObject ? "an object"
                    : value instanceof JsonArray ? "an array" : value instanceof String ? "a string" : value.toString()));
        }
        return type.cast(value);
    }

    public Wrong wrong(String what) {
        return new Wrong((path.isEmpty() ? "" : path + " ") + what);
    }
}
