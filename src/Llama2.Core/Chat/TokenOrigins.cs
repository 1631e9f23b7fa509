using System.Diagnostics;

namespace Llama2.Chat;

/// <summary>
/// Which message each token of a prompt belongs to, and where each answer begins. Both come from the same encoding as the tokens: nothing is encoded
/// twice and compared.
/// </summary>
internal sealed class TokenOrigins
{
    /// <summary>The origin of tokens that hold no character of a message.</summary>
    public const int Scaffolding = -1;

    private readonly List<int> _messages = [];
    private readonly Dictionary<int, int> _answerStarts = [];

    /// <summary>Notes that an answer begins: the prompt that generation is given for it ends here.</summary>
    /// <param name="messageIndex">The answer.</param>
    /// <param name="tokenCount">How many tokens there are before it.</param>
    public void BeginAnswer(int messageIndex, int tokenCount) => _answerStarts[messageIndex] = tokenCount;

    /// <summary>How many tokens there are before an answer, or -1 if that is not known.</summary>
    public int FindAnswer(int messageIndex) => _answerStarts.GetValueOrDefault(messageIndex, -1);

    /// <summary>Notes the tokens of a part of a prompt, the last that there are.</summary>
    /// <param name="ends">Where each ends in the part.</param>
    /// <param name="data">Where messages lie in the part, in order.</param>
    /// <param name="tokenCount">How many tokens the prompt has now.</param>
    public void Add(List<int> ends, IReadOnlyList<DataRange> data, int tokenCount)
    {
        FillTo(tokenCount - ends.Count);
        int start = 0, range = 0;
        foreach (int end in ends)
        {
            // A character spelled in bytes: all of it ends where the last byte's token does.
            int characterEnd = Math.Max(end, start + 1), origin = Scaffolding;
            while (range < data.Count && data[range].End <= start)
                range++;
            for (int i = range; i < data.Count && data[i].Start < characterEnd; i++)
                origin = data[i].MessageIndex;
            _messages.Add(origin);
            start = end;
        }

        Debug.Assert(_messages.Count == tokenCount, "a token without an origin");
    }

    /// <summary>The message of each of a prompt's tokens, or <see cref="Scaffolding"/>.</summary>
    public int[] Of(int tokenCount)
    {
        FillTo(tokenCount);
        return [.. _messages];
    }

    // Tokens that the writer wrote by their ids.
    private void FillTo(int count)
    {
        while (_messages.Count < count)
            _messages.Add(Scaffolding);
    }
}
