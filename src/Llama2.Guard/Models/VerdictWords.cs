namespace Llama2.Guard.Models;

/// <summary>
/// The tokens of the two words of a verdict. They may begin with the same tokens, such as one for a space; the first tokens in which they differ decide.
/// </summary>
internal sealed class VerdictWords
{
    private const string SafeWord = "safe";
    private const string UnsafeWord = "unsafe";

    public VerdictWords(ModelTokenizer tokenizer)
    {
        List<int> safeTokens = [], unsafeTokens = [], unsafeLine = [];
        tokenizer.Encode(SafeWord, safeTokens);
        tokenizer.Encode(UnsafeWord, unsafeTokens);
        tokenizer.Encode(UnsafeWord + "\n", unsafeLine);
        int shared = safeTokens.Zip(unsafeTokens).TakeWhile(pair => pair.First == pair.Second).Count();
        if (shared == safeTokens.Count || shared == unsafeTokens.Count)
            throw new GuardException("The model's vocabulary gives the words 'safe' and 'unsafe' the same tokens. Use the model that was trained as a guard.");
        Shared = [.. safeTokens.Take(shared)];
        Safe = safeTokens[shared];
        Unsafe = unsafeTokens[shared];
        UnsafeLine = [.. unsafeLine];
    }

    /// <summary>The tokens with which both words begin.</summary>
    public IReadOnlyList<int> Shared { get; }

    /// <summary>The first other token of <c>safe</c>.</summary>
    public int Safe { get; }

    /// <summary>The first other token of <c>unsafe</c>.</summary>
    public int Unsafe { get; }

    /// <summary>The first line of an answer that names categories.</summary>
    public IReadOnlyList<int> UnsafeLine { get; }
}
