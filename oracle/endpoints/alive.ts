/** Alive at the due date: 1, or 0 when death came by then. */

import { onCourses, timeOnCourses, type Course } from "./course.ts";
import { notEvaluable, type Endpoint, type Outcome, type Question } from "./endpoint.ts";
import { survivalTime } from "./os.ts";

function valueOn({ options }: Question): (course: Course) => Outcome {
  return (course) => {
    const { due } = course;
    const time = survivalTime(course);
    if ("notEvaluable" in time) return notEvaluable(time.notEvaluable, time.evidence);
    const { evidence } = time;
    if (time.event && time.day <= due) return { value: 0n, day: time.day, event: true, evidence };
    // A death after the due date shows life on it; a sign of life counts within the window before it.
    if (time.event || time.day >= due - options.window) return { value: 1n, day: time.day, event: false, evidence };
    return notEvaluable("unknown-at-due", evidence);
  };
}

export const alive: Endpoint = {
  id: "alive",
  description: "alive at the due date: 0 or 1",
  value: (record, question) => onCourses(record, question, [], valueOn(question)),
  time: (record, _options, asOf) => timeOnCourses(record, asOf, [], survivalTime),
};
