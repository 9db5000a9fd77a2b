/**
 * The guarantee's clauses, and beside them a wager on the cohort: 100 a patient when four in five survive, else 200 back.
 * In order: paid at enrolment, a milestone, a wager.
 */
export const CLAUSES = `
  treatment: { type: milestone, due: enrolment, from: payer, to: manufacturer, pays: 100% }
  refund: { type: milestone, metric: alive, due: 90d, from: manufacturer, to: payer, pays: [{ pays: 60% }, { atLeast: 1, pays: 0 }], notEvaluable: 30% }
  survival: { type: wager, metric: survival, due: 90d, from: payer, to: manufacturer, pays: [{ pays: -200 }, { atLeast: 80%, pays: 100 }], notEvaluable: -50 }`;
