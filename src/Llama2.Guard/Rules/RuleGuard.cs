using System.Text.RegularExpressions;
using Llama2.Guard.Rules;
using Llama2.Guard.Text;

namespace Llama2.Guard;

/// <summary>
/// A guard without a model. It looks for block lists and patterns of the application, for secrets, for personal data and for signs of prompt injection, and
/// reports the position of each finding. The time is proportional to the length of the text: 0.1 to 0.2 ms for 1,000 characters. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// Rules find what has a known form. They do not understand a text: a request in other words passes. Use them together with a guard model, such as
/// <see cref="LlamaGuard"/>, by a <see cref="CompositeGuard"/>. See docs/guarding.md.
/// </remarks>
/// <example><code>
/// var guard = new RuleGuard(new RuleGuardOptions { PersonalData = GuardAction.Mask });
/// GuardVerdict verdict = guard.Judge(GuardRequest.ForUser(text));
/// string shown = verdict.IsSafe ? verdict.ApplyMasks(text) : "(withheld)";
/// </code></example>
public sealed class RuleGuard : IContentGuard
{
    /// <summary>The maximum number of UTF-16 characters of a judged message: 1,048,576.</summary>
    public const int MaxTextLength = 1 << 20;

    /// <summary>The maximum number of findings in a message: 10,000.</summary>
    public const int MaxFindingCount = 10_000;

    private readonly RuleGuardOptions _options;
    private readonly TermSet[] _termSets;
    private readonly RuleBeginnings _beginnings;

    /// <summary>Creates a guard.</summary>
    /// <param name="options">What to look for; null for the defaults: secrets, personal data and prompt injection.</param>
    public RuleGuard(RuleGuardOptions? options = null)
    {
        _options = options ?? new RuleGuardOptions();
        _termSets = [.. _options.BlockLists.Where(list => list.Action != GuardAction.Ignore).GroupBy(list => list.WholeWords, TermSet.Of)];
        _beginnings = new RuleBeginnings(_options, [.. _termSets.Select(set => set.Matcher)]);
    }

    /// <summary>Judges the last message; the messages before it are not read.</summary>
    /// <param name="request">The conversation.</param>
    /// <returns>The verdict, with the position of each finding. It has no probability.</returns>
    /// <exception cref="GuardException">The message is longer than <see cref="MaxTextLength"/>, or has more than <see cref="MaxFindingCount"/> findings.</exception>
    public GuardVerdict Judge(GuardRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        string text = request.Judged.Content;
        if (text.Length > MaxTextLength)
            throw new GuardException($"The message has {text.Length:N0} characters, and rules judge at most {MaxTextLength:N0}. Judge it in parts, or refuse it.");
        bool isInput = request.Judged.Role is LlamaRole.User or LlamaRole.Tool;
        try
        {
            FoundRule[] found = [.. Find(text, isInput, request.IsContinuation).Distinct().Take(MaxFindingCount + 1)];
            if (found.Length > MaxFindingCount)
                throw new GuardException($"The message has more than {MaxFindingCount:N0} findings. Judge it in parts, or refuse it.");
            return request.IsPartial ? JudgePartial(text, found, isInput) : GuardVerdict.FromFindings(found.Select(rule => rule.Finding).Distinct());
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new GuardException($"A pattern did not end after {GuardPattern.MatchTimeout.TotalSeconds:N0} seconds in a message of {text.Length:N0} characters. Write it so that matches are short, judge the message in parts, or refuse it.", exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask<GuardVerdict> JudgeAsync(GuardRequest request, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(Judge(request));
    }

    // What touches the undecided end of an unfinished text may become something else, and is undecided too.
    private GuardVerdict JudgePartial(string text, FoundRule[] found, bool isInput)
    {
        int undecided = Math.Min(_beginnings.Find(text, isInput), found.Where(rule => rule.IsAtEnd).Select(rule => rule.Finding.Start).DefaultIfEmpty(text.Length).Min());
        foreach (FoundRule rule in found.OrderByDescending(rule => rule.Finding.End))
            undecided = rule.Finding.End > undecided ? Math.Min(undecided, rule.Finding.Start) : undecided;
        return GuardVerdict.FromFindings(found.Where(rule => rule.IsCertain || rule.Finding.End <= undecided).Select(rule => rule.Finding).Distinct()) with { UndecidedFrom = undecided };
    }

    private IEnumerable<FoundRule> Find(string text, bool isInput, bool isContinuation)
    {
        MappedText compatible = TextViews.Compatible(text);
        IEnumerable<FoundRule> findings = _options.Patterns.Where(pattern => pattern.Action != GuardAction.Ignore).SelectMany(pattern => FindPattern(compatible, pattern, isContinuation));
        if (_options.Secrets != GuardAction.Ignore)
            findings = findings.Concat(ToFindings(compatible, SecretScanner.Find(compatible.Text), RuleCategories.Secret, _options.Secrets));
        if (_options.PersonalData != GuardAction.Ignore)
            findings = findings.Concat(ToFindings(compatible, FindPersonalData(compatible.Text), RuleCategories.PersonalData, _options.PersonalData));
        bool seeksInjection = isInput && _options.PromptInjection != GuardAction.Ignore;
        if (seeksInjection || _termSets.Length > 0)
            findings = findings.Concat(FindTerms(text, seeksInjection));
        if (seeksInjection)
        {
            MappedText dense = TextViews.Dense(text);
            IEnumerable<TextFinding> tags = InjectionPhrases.TagMatcher.Find(dense, wholeWords: false).Select(match => new TextFinding("tag of a prompt", match.Start, match.Length));
            findings = findings
                .Concat(ToFindings(dense, tags, RuleCategories.PromptInjection, _options.PromptInjection))
                .Concat(ToFindings(new MappedText(text), InjectionPhrases.FindHiddenText(text), RuleCategories.PromptInjection, _options.PromptInjection));
        }

        return isContinuation ? findings.Where(rule => rule.Finding.Start > 0) : findings;
    }

    // A phrase is looked for in three spellings: as it is, with signs for letters, and spelled out.
    private IEnumerable<FoundRule> FindTerms(string text, bool seeksInjection)
    {
        MappedText signs = TextViews.Words(text, keepSigns: true);
        MappedText words = TextViews.Words(text, keepSigns: false);
        MappedText spelled = TextViews.Spelled(signs);
        foreach (MappedText view in new[] { words, signs, spelled }.DistinctBy(view => view.Text))
        {
            bool isSpelled = view == spelled && spelled != signs;
            foreach (TermSet set in _termSets)
            {
                foreach (TermMatch match in set.Matcher.Find(view, set.WholeWords, isSpelled))
                    yield return ToFinding(view, new TextFinding("blocked term", match.Start, match.Length), set.Lists[match.Term].Category, set.Lists[match.Term].Action);
            }

            if (!seeksInjection)
                continue;
            foreach (TermMatch match in InjectionPhrases.PhraseMatcher.Find(view, wholeWords: true, isSpelled))
                yield return ToFinding(view, new TextFinding("override of instructions", match.Start, match.Length), RuleCategories.PromptInjection, _options.PromptInjection);
        }
    }

    private IEnumerable<TextFinding> FindPersonalData(string text)
    {
        PersonalDataKinds kinds = _options.PersonalDataKinds;
        IEnumerable<TextFinding> findings = NumberScanner.Find(text, kinds);
        if (kinds.HasFlag(PersonalDataKinds.EmailAddress))
            findings = findings.Concat(AddressScanner.FindEmails(text));
        if (kinds.HasFlag(PersonalDataKinds.InternetAddress))
            findings = findings.Concat(AddressScanner.FindInternetAddresses(text));
        if (kinds.HasFlag(PersonalDataKinds.BankAccount))
            findings = findings.Concat(BankAccountScanner.Find(text));
        return findings;
    }

    private static IEnumerable<FoundRule> FindPattern(MappedText view, GuardPattern pattern, bool isContinuation)
    {
        // A search from the second character on does not take it for the beginning of the text. An empty match is not a finding.
        int start = isContinuation && view.ToOriginal(0) == 0 ? 1 : 0;
        foreach (Match match in pattern.Regex.Matches(view.Text, start))
        {
            if (match.Length > 0)
                yield return ToFinding(view, new TextFinding(pattern.Kind, match.Index, match.Length), pattern.Category, pattern.Action);
        }
    }

    private static IEnumerable<FoundRule> ToFindings(MappedText view, IEnumerable<TextFinding> findings, GuardCategory category, GuardAction action) =>
        findings.Select(finding => ToFinding(view, finding, category, action));

    private static FoundRule ToFinding(MappedText view, TextFinding finding, GuardCategory category, GuardAction action)
    {
        (int start, int length) = view.ToOriginal(finding.Start, finding.Length);
        return new FoundRule(new GuardFinding(category, finding.Kind, start, length, action), finding.Start + finding.Length == view.Text.Length, finding.IsCertain);
    }
}
