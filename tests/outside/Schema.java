package outside;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.util.List;

/** The published description of a lab's record: docs/record.schema.json. */
public final class Schema {
    private static final JsonSchema RECORD = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(Ran.read(Home.path().resolve("docs/record.schema.json")));

    private Schema() {}

    /** What is wrong with a record, in words; empty when nothing is. */
    public static List<String> faults(JsonNode record) {
        return RECORD.validate(record).stream().map(ValidationMessage::getMessage).sorted().toList();
    }
}
