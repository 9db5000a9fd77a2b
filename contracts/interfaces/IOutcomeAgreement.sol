// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRefuter} from "./IRefuter.sol";

/// @title One outcome-based agreement: holds the money and pays by the terms that its parties signed.
/// @notice The terms live in this contract's own bytecode and never change. There is no owner, no upgrade and no pause.
/// @dev Conventions: amounts are minor units of the currency, except that {deposit} and {withdraw} speak the token's own
/// units; days count from 1970-01-01 UTC; `clause` and `cohort` are positions in the signed terms, `account` is the
/// position of a party; a value of a metric is `value × 10^decimals`.
///
/// The agreement is safe if: the token moves exactly what it is asked to move and only when asked; the oracle endorses
/// only what the records say; the arbiter rules honestly. A dishonest oracle can move at most what is locked and, by
/// enrolment, what is free and not held back by the party that authorises enrolments.
///
/// Funds are not stuck if: the token still transfers to the holder, or to another address that the holder names. Neither
/// the oracle nor the arbiter nor another party is needed: time and anyone's calls release every lock.
interface IOutcomeAgreement {
    // ------------------------------------------------------------------------------------------------ messages

    /// @notice Patients enrolled in a cohort, endorsed by the oracle and, if the terms say so, authorised by a party.
    struct Enrolment {
        uint16 cohort;
        /// Counts from 1 in each cohort.
        uint32 number;
        uint32 patients;
        /// The latest index day among them: their due days are counted from it.
        uint32 indexedDay;
        /// Root over the patients' leaves.
        bytes32 root;
        /// Last day on which the endorsement counts.
        uint32 lastDay;
    }

    /// @notice Patients of one tier and the sum of their values; a tier without slope carries no sum.
    struct Tally {
        uint32 patients;
        int128 sum;
    }

    /// @notice Patients assessed under a milestone.
    struct MilestoneReport {
        uint16 clause;
        uint16 cohort;
        /// Counts from 1 in each clause and cohort; a voided report's number is used up.
        uint32 number;
        /// The day the report looks at the records from.
        uint32 asOfDay;
        /// One for each tier, in order.
        Tally[] tallies;
        uint32 notEvaluable;
        bytes32 root;
        uint32 lastDay;
    }

    /// @notice The value of a wager's metric for a whole cohort.
    struct WagerReport {
        uint16 clause;
        uint16 cohort;
        uint32 number;
        uint32 asOfDay;
        bool evaluable;
        int128 value;
        bytes32 root;
        uint32 lastDay;
    }

    /// @notice A settlement that all parties sign: outstanding patients of a clause at a total within their lock.
    struct Compromise {
        uint16 clause;
        uint16 cohort;
        /// Position of this act among all that the parties signed together, from 1.
        uint32 number;
        /// Patients of a milestone; 0 for a wager, which is settled whole.
        uint32 patients;
        /// Paid by the clause's `from` to its `to`, or the other way when negative.
        int128 total;
        uint32 lastDay;
    }

    /// @notice Movement of free balance between accounts. `from` = 255 takes tokens that belong to no account.
    struct Movement {
        uint8 from;
        uint8 to;
        uint128 amount;
    }

    struct Release {
        uint32 number;
        Movement[] movements;
        uint32 lastDay;
    }

    /// @notice A new oracle or arbiter, from the next report or ruling on. The zero address leaves that role as it is.
    struct Appointment {
        uint32 number;
        address oracle;
        address arbiter;
        uint32 lastDay;
    }

    /// @notice No more enrolment; what is outstanding runs off.
    struct Termination {
        uint32 number;
        uint32 lastDay;
    }

    // -------------------------------------------------------------------------------------------------- events
    // Each call that moves money along a clause emits one event with its `total`: what `from` pays `to`, or the other way
    // when negative. Payments at enrolment follow from {Enrolled} and the terms. Without a challenge window a report
    // settles as it lands, and its own event is all there is.

    event Deposited(uint8 indexed account, address indexed by, uint256 amount);
    event Withdrawn(uint8 indexed account, address indexed to, uint256 amount);
    /// @notice A party with automatic payout was sent what a call set free.
    event PaidOut(uint8 indexed account, address indexed to, uint256 amount);
    /// @notice A payout could not be made; the money stays in the account's balance and can be withdrawn.
    event PayoutFailed(uint8 indexed account, address indexed to, uint256 amount);
    event Enrolled(uint16 indexed cohort, uint32 number, uint32 patients, uint32 indexedDay, bytes32 root);
    /// @param total What the report moves when it settles.
    /// @param dueUnassessed Patients due on the as-of day whom no report has assessed yet.
    event MilestoneReported(
        uint16 indexed clause,
        uint16 indexed cohort,
        uint32 number,
        uint32 asOfDay,
        Tally[] tallies,
        uint32 notEvaluable,
        bytes32 root,
        int256 total,
        uint256 dueUnassessed
    );
    event WagerReported(
        uint16 indexed clause,
        uint16 indexed cohort,
        uint32 number,
        uint32 asOfDay,
        bool evaluable,
        int128 value,
        bytes32 root,
        int256 total
    );
    event Challenged(uint16 indexed clause, uint16 indexed cohort, uint32 number, uint8 account);
    event Ruled(uint16 indexed clause, uint16 indexed cohort, uint32 number, bool upheld);
    /// @notice A report was void, since its own leaves contradict it; what the caller showed stands in the call.
    event Refuted(uint16 indexed clause, uint16 indexed cohort, uint32 number, IRefuter.Form form);
    /// @notice A report that had waited settled; `patients` is 0 for a wager.
    event Settled(uint16 indexed clause, uint16 indexed cohort, uint32 number, uint256 patients, int256 total);
    /// @notice Nobody reported in time: `patients` (0 for a wager) counted as not evaluable.
    event Lapsed(uint16 indexed clause, uint16 indexed cohort, uint256 patients, int256 total, uint256 dueUnassessed);
    /// @notice What the contract knows settled: patients of a payment by time, or (0 patients) a wager.
    event SettledByContract(uint16 indexed clause, uint16 indexed cohort, uint256 patients, int256 total);
    event Terminated(uint32 number);
    event Agreed(uint16 indexed clause, uint16 indexed cohort, uint32 number, uint32 patients, int128 total);
    event Released(uint32 number, Movement[] movements);
    event Appointed(uint32 number, address oracle, address arbiter);
    event Assigned(uint8 indexed account, address indexed holder);

    // -------------------------------------------------------------------------------------------------- errors

    /// @notice The cohort takes no enrolment: the batch is indexed outside [opens, closes) or after today, or
    /// enrolment is over.
    /// @dev Index the batch on a day of the cohort that has come. After the last day for enrolment the patients belong
    /// to a later cohort, or to none.
    error EnrolmentClosed(uint256 today, uint256 indexedDay);
    /// @notice Index days of a cohort's batches never go back.
    /// @dev Enrol the patients with an index day of `lastIndexedDay`: their due days are counted from the later day.
    error IndexOutOfOrder(uint256 indexedDay, uint256 lastIndexedDay);
    /// @notice The terms allow no more patients in the cohort.
    /// @dev Enrol at most `maxPatients` less those enrolled; the others need other terms.
    error CohortFull(uint256 patients, uint256 maxPatients);
    /// @notice The account can't cover its worst case, the bond or the withdrawal.
    /// @dev Deposit the difference into the account, or ask for less.
    error InsufficientEscrow(uint8 account, uint256 balance, uint256 needed);
    /// @notice There is no such clause, or it does not apply to the cohort.
    /// @dev Clauses and cohorts are positions in the signed terms, from 0: `terms explain` lists them.
    error ClauseNotInCohort(uint16 clause, uint16 cohort);
    /// @notice The contract knows the metric itself, or the clause falls due by time: no report is taken.
    /// @dev Call `settleClause`.
    error ReportedByContract(uint16 clause);
    /// @notice The oracle reports this clause: the contract can't settle it by itself.
    /// @dev Wait for a report; after the reporting window call `lapse`.
    error ReportedByOracle(uint16 clause);
    /// @notice The terms name days on which reports look at the records, and this is none.
    /// @dev Report as of `firstDay` or a whole number of `reportEvery` days after it.
    error NotReportingDay(uint256 asOfDay, uint256 firstDay, uint256 reportEvery);
    /// @notice The as-of day has not come on the chain.
    /// @dev Wait until it has; a chain of your own may be behind the clock.
    error AsOfInFuture(uint256 asOfDay, uint256 today);
    /// @notice A wager's report for a milestone, or the other way round.
    /// @dev Use `reportMilestone` for milestones and `reportWager` for wagers.
    error WrongKindOfReport(uint16 clause);
    /// @notice The report or the clause has its outcome, or no such report is pending.
    /// @dev Nothing: read `clauseState`. An outcome is never changed; what is wrong with it is between the parties.
    error AlreadySettled(uint16 clause, uint16 cohort);
    /// @notice More patients than are enrolled and have no outcome yet, those of pending reports counted.
    /// @dev Leave out who has an outcome or waits in a pending report.
    error MorePatientsThanEnrolled(uint256 patients, uint256 outstanding);
    /// @notice Fewer patients are due than the call takes, or the day of the clause has not come.
    /// @dev Wait, or report only who is due on the as-of day; `dueBatches` counts them.
    error NotYetDue(uint256 found, uint256 due);
    /// @notice A tier with a slope has a sum that none of its patients could have, or a tier without one carries a
    /// sum.
    /// @dev Compute the tallies again: each value lies in its tier.
    error SumOutsideTier(uint256 tier, int256 sum);
    /// @notice A report carries one tally for each tier.
    /// @dev Send `expected` tallies, empty ones included.
    error WrongTallies(uint256 found, uint256 expected);
    /// @notice The report is disputed: the arbiter has until then.
    /// @dev Wait for the arbiter's word; from `until` on anyone may settle it.
    error ReportChallenged(uint256 until);
    /// @notice The parties may still challenge the report.
    /// @dev Wait until `until`.
    error ChallengeWindowOpen(uint256 until);
    /// @notice It is too late to challenge the report.
    /// @dev What its own leaves contradict can be refuted until it settles. Anything else is between the parties:
    /// `agree`, `release`.
    error ChallengeWindowClosed(uint256 since);
    /// @notice What the payer paid is not known yet: the clause named has patients or a wager without an outcome.
    /// @dev Have that clause reported, settled or lapsed first.
    error OutcomesOutstanding(uint16 clause);
    /// @notice Nobody challenged the report, so there is nothing to rule on.
    /// @dev Nothing: after its window anyone may settle it.
    error NotChallenged();
    /// @notice Nobody is overdue, or a rejected report reopened the window.
    /// @dev Wait for the reporting window to pass; `reopenedUntil` is 0 when no report was rejected.
    error ReportingWindowOpen(uint256 overdue, uint256 reopenedUntil);
    /// @notice A pending report already takes these patients, or the wager.
    /// @dev Settle that report first, or wait for its end.
    error ReportPending(uint256 patients);
    /// @notice The report brought along is not the one that is pending under its number.
    /// @dev Bring the content of the `MilestoneReported` or `WagerReported` event, every field.
    error NotThePendingReport();
    /// @notice Messages come in sequence, and this number was used or skipped.
    /// @dev Use `expected`, with signatures over the message with that number.
    error WrongNumber(uint32 found, uint32 expected);
    /// @notice The oracle does not endorse this message.
    /// @dev Check chain, agreement and every field against what was signed, that enough members signed, and that the
    /// oracle was not replaced.
    error NotEndorsed(bytes32 digest);
    /// @notice The party that authorises enrolments has not signed this one.
    /// @dev Have it sign the enrolment of this digest.
    error NotAuthorised(bytes32 digest);
    /// @notice The party has not signed this act.
    /// @dev Signatures come in the order of the parties; each signs this digest, a contract by ERC-1271.
    error NotSigned(uint8 account, bytes32 digest);
    /// @notice Every party signs, and nobody else.
    /// @dev Bring one signature for each party, in their order.
    error WrongSignatureCount(uint256 found, uint256 expected);
    /// @notice The last day on which the signatures count has passed.
    /// @dev Have the message signed anew, with a later last day.
    error Expired(uint256 lastDay, uint256 today);
    /// @notice The parties ended enrolment together.
    /// @dev Nothing: who is enrolled runs off, nobody new comes in.
    error EnrolmentTerminated();
    /// @notice Only the holder of the account may do this.
    /// @dev Call from the address that `accountOf` names.
    error NotHolder(uint8 account, address caller);
    /// @notice Only the arbiter rules.
    /// @dev Call from the address that `arbiter` names.
    error NotArbiter(address caller);
    /// @notice There is no such account.
    /// @dev Accounts are positions of the members in the signed terms, from 0.
    error UnknownAccount(uint8 account);
    /// @notice There is no such cohort.
    /// @dev Cohorts are positions in the signed terms, from 0.
    error UnknownCohort(uint16 cohort);
    /// @notice The address is a party, the token, this agreement or nobody.
    /// @dev Name an address of its own.
    error InvalidHolder(address holder);
    /// @notice More than is locked for these patients, in either direction.
    /// @dev Agree on a total between `-toLock` and `fromLock`; free balance is moved by `release`.
    error TotalOutsideLock(int256 total, uint256 fromLock, uint256 toLock);
    /// @notice The amount is no whole number of minor units.
    /// @dev Use a multiple of `unit`: the token has more decimals than the agreement's currency.
    error NotWholeMinorUnits(uint256 amount, uint256 unit);
    /// @notice The token did not deliver what it was asked to move.
    /// @dev The token takes a fee or lies about its balance: it can't serve this agreement.
    error TokenShort(uint256 received, uint256 expected);
    /// @notice The token holds less for this agreement than the accounts' balances: no withdrawal until it does.
    /// @dev Find out why the token took balance away. Whoever sends the difference to the agreement opens withdrawals
    /// again.
    error HeldBelowBalances(uint256 held, uint256 balances);
    /// @notice The amounts are beyond what an account can hold.
    /// @dev Deposit less: no currency has that many minor units.
    error LedgerFull();
    /// @notice Less gas is left than an automatic payout is given.
    /// @dev Send the call with more gas; what it does not use comes back.
    error GasTooLow(uint256 left, uint256 needed);

    // ------------------------------------------------------------------------------------------------- accounts

    /// @notice Pays `amount` tokens into an account. Anyone may.
    /// @dev Reverts: UnknownAccount, NotWholeMinorUnits, TokenShort, LedgerFull.
    function deposit(uint8 account, uint256 amount) external;

    /// @notice {deposit} with an ERC-2612 permit of the caller in the same call. A permit that was used already does not
    /// matter as long as the allowance stands.
    function depositWithPermit(uint8 account, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Sends free balance of an account to an address of its holder's choice. Only the holder.
    /// @dev Reverts: UnknownAccount, NotHolder, NotWholeMinorUnits, HeldBelowBalances, InsufficientEscrow.
    function withdraw(uint8 account, uint256 amount, address to) external;

    /// @notice Hands an account over to another address. Only its holder.
    /// @dev Reverts: UnknownAccount, NotHolder, InvalidHolder.
    function assign(uint8 account, address holder) external;

    // ------------------------------------------------------------------------------------------------- outcomes

    /// @notice Enrols patients: pays what is due at enrolment, then locks the worst case of every other clause.
    /// @param endorsement The oracle's, over the message.
    /// @param authorisation The signature of the party that authorises enrolments; empty when the terms name none.
    /// @dev Reverts, in this order: UnknownCohort, EnrolmentTerminated, EnrolmentClosed, IndexOutOfOrder, CohortFull,
    /// WrongNumber, Expired, NotEndorsed, NotAuthorised, InsufficientEscrow, GasTooLow.
    function enrol(Enrolment calldata enrolment, bytes calldata endorsement, bytes calldata authorisation) external;

    /// @notice Takes a milestone report; settles it at once when the terms have no challenge window.
    /// @param hint Number of the cohort's batches that are due on the as-of day ({dueBatches}); a wrong one costs gas.
    /// @dev Reverts, in this order: UnknownCohort, ClauseNotInCohort, WrongKindOfReport, ReportedByContract, NotReportingDay, AsOfInFuture,
    /// WrongTallies, MorePatientsThanEnrolled, NotYetDue, SumOutsideTier, WrongNumber, Expired, NotEndorsed, GasTooLow.
    function reportMilestone(MilestoneReport calldata report, bytes calldata endorsement, uint256 hint) external;

    /// @notice Takes a wager report; settles it at once when the terms have no challenge window.
    /// @dev Reverts, in this order: UnknownCohort, ClauseNotInCohort, WrongKindOfReport, ReportedByContract, NotReportingDay, AsOfInFuture,
    /// AlreadySettled, NotYetDue, WrongNumber, Expired, NotEndorsed, GasTooLow.
    function reportWager(WagerReport calldata report, bytes calldata endorsement) external;

    /// @notice Settles a pending report after its window, or unruled after the arbiter's time. Anyone may.
    /// @dev Reverts, in this order: UnknownCohort, ClauseNotInCohort, AlreadySettled, NotThePendingReport,
    /// ReportChallenged, ChallengeWindowOpen, GasTooLow.
    function settleMilestone(MilestoneReport calldata report) external;

    /// @notice As {settleMilestone}, for a wager.
    function settleWager(WagerReport calldata report) external;

    /// @notice Settles what the contract knows by itself: a wager on `enrolled` or `outlay`, or the patients due of a
    /// payment by time. Anyone may.
    /// @dev Reverts, in this order: UnknownCohort, ClauseNotInCohort, AlreadySettled, ReportedByOracle, NotYetDue,
    /// OutcomesOutstanding, GasTooLow.
    function settleClause(uint16 clause, uint16 cohort, uint256 hint) external;

    /// @notice Disputes a pending report against the bond. Only a holder of an account, for that account.
    /// @dev Reverts, in this order: UnknownAccount, NotHolder, AlreadySettled, ChallengeWindowClosed, ReportChallenged,
    /// InsufficientEscrow.
    function challenge(uint16 clause, uint16 cohort, uint32 number, uint8 account) external;

    /// @notice The arbiter's word on a challenged report. Upheld: it settles, the bond goes to the clause's other side.
    /// Rejected: it is void, the bond is free again, its patients may be reported again.
    /// @dev Reverts, in this order: NotArbiter, UnknownCohort, ClauseNotInCohort, NotChallenged, NotThePendingReport,
    /// GasTooLow.
    function ruleMilestone(MilestoneReport calldata report, bool uphold) external;

    /// @notice As {ruleMilestone}, for a wager.
    function ruleWager(WagerReport calldata report, bool uphold) external;

    /// @notice Voids a pending report that its own leaves contradict: until it settles, challenged or not. Anyone may. Its
    /// patients may be reported again, a challenger's bond is free again, and it counts as a rejection.
    /// @dev Reverts, in this order: UnknownCohort, ClauseNotInCohort, AlreadySettled, NotThePendingReport, and those of
    /// {IRefuter}.
    function refuteMilestone(MilestoneReport calldata report, IRefuter.Refutation calldata refutation) external;

    /// @notice As {refuteMilestone}, for a wager.
    function refuteWager(WagerReport calldata report, IRefuter.Refutation calldata refutation) external;

    /// @notice Nobody reported in time: the overdue count as not evaluable. Anyone may. A clause that the contract knows
    /// by itself is settled as by {settleClause}.
    /// @dev Reverts, in this order: UnknownCohort, ClauseNotInCohort, AlreadySettled, ReportingWindowOpen, ReportPending,
    /// GasTooLow.
    function lapse(uint16 clause, uint16 cohort, uint256 hint) external;

    // ---------------------------------------------------------------------------------- what all parties sign

    /// @notice Acts that need every party's signature, in the order of the parties. All of them revert: WrongNumber,
    /// Expired, WrongSignatureCount, NotSigned.
    function terminate(Termination calldata termination, bytes[] calldata signatures) external;

    /// @notice Patients need not be due; a wager can be settled so once its cohort takes no more enrolment.
    /// @dev Reverts also: UnknownCohort, ClauseNotInCohort, AlreadySettled, ReportPending, NotYetDue,
    /// MorePatientsThanEnrolled, TotalOutsideLock, GasTooLow.
    function agree(Compromise calldata compromise, bytes[] calldata signatures) external;

    /// @dev Reverts also: UnknownAccount, InsufficientEscrow, HeldBelowBalances (more than belongs to no account),
    /// LedgerFull.
    function release(Release calldata releases, bytes[] calldata signatures) external;

    /// @dev Reverts also: InvalidHolder (a party, or the token).
    function appoint(Appointment calldata appointment, bytes[] calldata signatures) external;

    // --------------------------------------------------------------------------------------------------- views

    /// @notice The terms as packed in the bytecode; the layout stands in `docs/protocol.md`.
    function packedTerms() external view returns (bytes memory);

    function token() external view returns (address);

    /// @notice Who endorses reports. Can have anything endorsed that the terms leave open: see the limits above.
    function oracle() external view returns (address);

    /// @notice Who rules on challenged reports, and on nothing else.
    function arbiter() external view returns (address);

    /// @notice An account: who may withdraw, what it holds, and how much of that its worst case needs.
    function accountOf(uint8 account) external view returns (address holder, uint256 balance, uint256 locked);

    function accounts() external view returns (uint256);

    /// @return patients enrolled · number of the last enrolment · day of its latest index · whether any was made
    function cohortState(
        uint16 cohort
    ) external view returns (uint256 patients, uint32 number, uint256 lastIndexedDay, bool opened);

    /// @return assessed patients with an outcome · pending in reports (wager: 1) · number of the last report · reopenedDay
    /// of the reporting window, 0 if not · settled, of a wager · total paid along the clause so far
    function clauseState(
        uint16 clause,
        uint16 cohort
    )
        external
        view
        returns (uint256 assessed, uint256 pending, uint32 number, uint256 reopenedDay, bool settled, int256 total);

    /// @return commitment of the pending report (first 23 bytes of its struct hash; 0: none pending) · landed and
    /// challenged, seconds (0: not challenged) · challenger's account
    function pendingReport(
        uint16 clause,
        uint16 cohort,
        uint32 number
    ) external view returns (bytes23 commitment, uint256 landed, uint256 challenged, uint8 challenger);

    /// @notice First 23 bytes of the struct hash of a report that is pending or, after a challenge window, settled; 0 for any
    /// other.
    function reportCommitment(uint16 clause, uint16 cohort, uint32 number) external view returns (bytes23);

    /// @notice Judges refutations; the same for all agreements of a factory.
    function refuter() external view returns (IRefuter);

    /// @notice Batches of a cohort indexed on or before `day`, and the patients in them.
    function dueBatches(uint16 cohort, uint256 day) external view returns (uint256 batches, uint256 patients);

    /// @return indexedDay and cumulative patients of a batch, and its root cut to 24 bytes
    function batchOf(
        uint16 cohort,
        uint32 number
    ) external view returns (uint256 indexedDay, uint256 cumulative, bytes24 root);

    /// @notice Acts that all parties signed so far; the next one carries this number plus one.
    function jointActs() external view returns (uint32);

    /// @notice Whether the parties ended enrolment.
    function terminated() external view returns (bool);
}
