using Llama2.Server.Protocol;

namespace Llama2.Server.Answers;

/// <summary>Adds up the tokens of the choices of a request.</summary>
internal sealed class UsageTotal
{
    // The prompts by their index: all choices of a prompt have its tokens, which count once.
    private readonly Dictionary<int, (int Count, int CachedCount)> _prompts = [];
    private int _generatedCount;

    /// <summary>Adds a choice.</summary>
    /// <param name="prompt">The index of the choice's prompt.</param>
    /// <param name="usage">The choice's tokens.</param>
    public void Add(int prompt, GenerationUsage usage)
    {
        // A later choice finds the tokens that an earlier one of the same request has computed. Such tokens were not known before the request.
        int cached = _prompts.TryGetValue(prompt, out (int, int CachedCount) known) ? Math.Min(known.CachedCount, usage.CachedTokenCount) : usage.CachedTokenCount;
        _prompts[prompt] = (usage.PromptTokenCount, cached);
        _generatedCount += usage.GeneratedTokenCount;
    }

    public Usage ToUsage()
    {
        int promptCount = _prompts.Values.Sum(prompt => prompt.Count);
        return new Usage(promptCount, _generatedCount, promptCount + _generatedCount, new PromptTokensDetails(_prompts.Values.Sum(prompt => prompt.CachedCount)));
    }
}
