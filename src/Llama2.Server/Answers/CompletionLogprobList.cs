using Llama2.Server.Protocol;

namespace Llama2.Server.Answers;

/// <summary>Collects the log-probabilities of a text. The form is that of completions, which is older than that of chats.</summary>
internal sealed class CompletionLogprobList(ModelTokenizer tokenizer)
{
    private readonly TokenTexts _texts = new(tokenizer);
    private readonly List<TokenLogprob> _tokens = [];
    private int _offset;

    /// <summary>The number of tokens that have not been taken.</summary>
    public int Count => _tokens.Count;

    public void Add(in GenerationUpdate update)
    {
        if (_texts.Read(update) is { } token)
            _tokens.Add(token);
    }

    /// <summary>Takes the tokens that were added since the last call.</summary>
    public CompletionLogprobs Take()
    {
        var offsets = new int[_tokens.Count];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = _offset;
            _offset += _tokens[i].Token.Length;
        }

        bool hasTop = _tokens.Exists(token => token.TopLogprobs.Length > 0);
        var taken = new CompletionLogprobs(
            [.. _tokens.Select(token => token.Token)], [.. _tokens.Select(token => token.Logprob)], hasTop ? [.. _tokens.Select(ToTop)] : null, offsets);
        _tokens.Clear();
        return taken;
    }

    // The likeliest tokens and the chosen one. Of several tokens with one text, the first is the likeliest.
    private static Dictionary<string, float> ToTop(TokenLogprob token)
    {
        Dictionary<string, float> top = [];
        foreach (TopLogprob likely in token.TopLogprobs)
            top.TryAdd(likely.Token, likely.Logprob);
        top.TryAdd(token.Token, token.Logprob);
        return top;
    }
}
