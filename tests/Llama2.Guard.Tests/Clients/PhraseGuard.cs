namespace Llama2.Guard.Tests.Clients;

/// <summary>A guard for which a text is unsafe if it contains a phrase, and which waits as the test chooses.</summary>
/// <param name="phrase">The phrase.</param>
/// <param name="action">Whether the phrase is masked or makes the text unsafe.</param>
internal sealed class PhraseGuard(string phrase, GuardAction action = GuardAction.Block) : IContentGuard
{
    public static GuardCategory Category { get; } = new("P1", "Phrases");

    public async ValueTask<GuardVerdict> JudgeAsync(GuardRequest request, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        List<GuardFinding> findings = [];
        string text = request.Judged.Content;
        for (int start = text.IndexOf(phrase, StringComparison.Ordinal); start >= 0; start = text.IndexOf(phrase, start + phrase.Length, StringComparison.Ordinal))
            findings.Add(new GuardFinding(Category, "phrase", start, phrase.Length, action));
        return GuardVerdict.FromFindings(findings);
    }
}
