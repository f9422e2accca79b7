package grader.work;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import grader.checks.RecordCheck;
import grader.judge.Answer;
import grader.judge.Judge;
import grader.judge.Looking;
import grader.model.ItemResult;
import grader.model.Kind;
import grader.model.Out;
import grader.model.Verdict;
import grader.plan.LabPlan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import outside.Recorded;

/**
 * A record of a lab.
 *
 * @param ids all of the class: whoever hands in another one's record is told whose it is
 */
record RecordItem(LabPlan lab, Set<String> ids) implements Item {
    @Override
    public ItemResult judge(Submission submission, Judge judge) {
        var file = Handed.file(submission, "records", lab.record());
        return file.why() != null ? file.result(this) : judge(submission.student(), file.bytes());
    }

    private ItemResult judge(String student, byte[] bytes) {
        JsonNode json;
        try {
            json = Out.JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            return nothing(Verdict.FAIL, lab.record() + " is not JSON" + (at == null ? ": " + e.getMessage() : ", see line " + at.getLineNr() + ", column " + at.getColumnNr()));
        } catch (IOException e) {
            return nothing(Verdict.FAIL, lab.record() + " is not JSON: " + e.getMessage());
        }
        var record = new Recorded(json, lab.name(), lab.claims());
        var result = result(null, null, Looking.at(RecordCheck.class, new RecordCheck.Handed(record, student), RecordCheck.CLAIMS, lab.read()), fingerprint(json));
        if (result.verdict() == Verdict.PASS) return result;
        var whose = ids.stream().filter(id -> !id.equals(student) && record.shows(id)).findFirst();
        return whose.isEmpty() ? result : result.as(Verdict.TAMPER, lab.record() + " holds values that the lab chooses for another student").noted("they are those of " + whose.get());
    }

    /** Equal where the same was seen. A lab that chooses nothing shows the same to all. */
    private String fingerprint(JsonNode json) {
        boolean chooses = outside.Chosen.ALL.stream().anyMatch(chosen -> lab.claims().containsKey(chosen.claim()));
        return chooses && json.path("claims").size() > 0 ? Answer.digest(json.path("claims").toString().getBytes(StandardCharsets.UTF_8)) : null;
    }

    @Override
    public ItemResult nothing(Verdict verdict, String why) {
        return result(verdict, why, Handed.claims(RecordCheck.CLAIMS, verdict, why, lab.read()), null);
    }

    private ItemResult result(Verdict atLeast, String why, List<grader.model.ClaimResult> claims, String fingerprint) {
        return ItemResult.of(Kind.RECORD, lab.record(), lab.name(), 1, atLeast, null, why, claims, List.of(), null, fingerprint, 0);
    }
}
