package grader.work;

import grader.judge.Judge;
import grader.model.ItemResult;

/** One thing that everybody is to hand in, and how it is judged. */
interface Item {
    ItemResult judge(Submission submission, Judge judge);
}
