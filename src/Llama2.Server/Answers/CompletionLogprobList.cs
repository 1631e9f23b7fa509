using Llama2.Server.Protocol;

namespace Llama2.Server.Answers;

/// <summary>Collects the log-probabilities of a text. The form is the one of completions, which is older than the form of chats.</summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="topCount">The number of likeliest tokens that each token has.</param>
/// <param name="keepLeadingSpace">Whether the first token's space is part of the text, because the tokens continue a text.</param>
internal sealed class CompletionLogprobList(ModelTokenizer tokenizer, int topCount, bool keepLeadingSpace)
{
    private readonly TokenTexts _texts = new(tokenizer, keepLeadingSpace);

    // The text of a token is not always what it adds to the text: a byte of a character is written as an escape, and a control token as it is spelled.
    private readonly StreamingDecoder _decoder = tokenizer.CreateStreamingDecoder(keepLeadingSpace);
    private readonly List<(string Text, float? Logprob, Dictionary<string, float>? Top, int Offset)> _tokens = [];
    private int _offset;

    /// <summary>The number of tokens that have not been taken.</summary>
    public int Count => _tokens.Count;

    /// <summary>Adds a generated token; the token that ends a text is left out.</summary>
    public void Add(in GenerationUpdate update)
    {
        if (update is { Token: { } token, LogProbability: { } probability } && !tokenizer.IsEndOfGeneration(token))
            Add(token, probability, update.TopLogProbabilities ?? []);
    }

    /// <summary>Adds the tokens of a prompt. Nothing comes before the first token, so OpenAI reports no probability of it.</summary>
    /// <param name="first">The first token.</param>
    /// <param name="others">The others.</param>
    public void AddPrompt(int first, ReadOnlySpan<ScoredToken> others)
    {
        Add(first, null, []);
        foreach (ScoredToken other in others)
            Add(other.Token, other.LogProbability, other.TopLogProbabilities);
    }

    /// <summary>Takes the tokens that were added since the last call.</summary>
    public CompletionLogprobs Take()
    {
        var taken = new CompletionLogprobs(
            [.. _tokens.Select(token => token.Text)], [.. _tokens.Select(token => token.Logprob)], topCount > 0 ? [.. _tokens.Select(token => token.Top)] : null,
            [.. _tokens.Select(token => token.Offset)]);
        _tokens.Clear();
        return taken;
    }

    private void Add(int token, float? probability, IReadOnlyList<TokenLogProbability> top)
    {
        string text = _texts.Of(token).Text;
        _tokens.Add((text, probability, probability is { } known ? ToTop(text, known, top) : null, _offset));
        _offset += _decoder.Append(token).Length;
    }

    // The likeliest tokens and the given one. Of several tokens with one text, the first is the likeliest.
    private Dictionary<string, float> ToTop(string text, float probability, IReadOnlyList<TokenLogProbability> top)
    {
        Dictionary<string, float> texts = [];
        foreach (TokenLogProbability likely in top)
            texts.TryAdd(_texts.Of(likely.Token).Text, likely.LogProbability);
        texts.TryAdd(text, probability);
        return texts;
    }
}
