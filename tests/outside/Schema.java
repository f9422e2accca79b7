package outside;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.util.List;

/** The published descriptions of a lab's record and of the grader's results: docs/record.schema.json and docs/result.schema.json. */
public final class Schema {
    private static final JsonSchema RECORD = read("record"), RESULT = read("result");

    private Schema() {}

    private static JsonSchema read(String name) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(Ran.read(Home.path().resolve("docs/" + name + ".schema.json")));
    }

    /** What is wrong with a record, in words; empty when nothing is. */
    public static List<String> faults(JsonNode record) {
        return faults(RECORD, record);
    }

    /** What is wrong with a result.json or a run.json. */
    public static List<String> resultFaults(JsonNode result) {
        return faults(RESULT, result);
    }

    private static List<String> faults(JsonSchema schema, JsonNode json) {
        return schema.validate(json).stream().map(ValidationMessage::getMessage).sorted().toList();
    }
}
