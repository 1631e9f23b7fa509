using System.Diagnostics;

namespace Llama2.Chat;

/// <summary>
/// Records which message each token of a prompt belongs to, and where each answer begins. Both records result from the same encoding as the tokens;
/// nothing is encoded a second time.
/// </summary>
internal sealed class TokenOrigins
{
    /// <summary>The origin of tokens that contain no character of a message.</summary>
    public const int Scaffolding = -1;

    private readonly List<int> _messages = [];
    private readonly Dictionary<int, int> _answerStarts = [];

    /// <summary>Records the beginning of an answer, where the prompt for generating it ends.</summary>
    /// <param name="messageIndex">The index of the answer's message.</param>
    /// <param name="tokenCount">The number of tokens before the answer.</param>
    public void BeginAnswer(int messageIndex, int tokenCount) => _answerStarts[messageIndex] = tokenCount;

    /// <summary>The number of tokens before an answer, or -1 if it is unknown.</summary>
    public int FindAnswer(int messageIndex) => _answerStarts.GetValueOrDefault(messageIndex, -1);

    /// <summary>Records the tokens of a part of a prompt. They are the last tokens so far.</summary>
    /// <param name="ends">The end of each token in the part.</param>
    /// <param name="data">The ranges of messages in the part, in order.</param>
    /// <param name="tokenCount">The number of tokens of the prompt so far.</param>
    public void Add(List<int> ends, IReadOnlyList<DataRange> data, int tokenCount)
    {
        FillTo(tokenCount - ends.Count);
        int start = 0, range = 0;
        foreach (int end in ends)
        {
            // If a character is encoded as byte tokens, it ends where the token of its last byte ends.
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

    // Adds the origin of tokens that the writer wrote by their ids.
    private void FillTo(int count)
    {
        while (_messages.Count < count)
            _messages.Add(Scaffolding);
    }
}
