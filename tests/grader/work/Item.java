package grader.work;

import grader.judge.Judge;
import grader.model.ItemResult;
import grader.model.Verdict;

/** One thing that everybody is to hand in, and how it is judged. */
interface Item {
    ItemResult judge(Submission submission, Judge judge);

    /** The same item where there was nothing to look at. */
    ItemResult nothing(Verdict verdict, String why);
}
