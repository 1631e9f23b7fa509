namespace Llama2.Chat;

/// <summary>Creates the prompts of one turn of a chat session, and the options for generating the turn.</summary>
/// <param name="model">The model.</param>
/// <param name="options">The session's options, which have a prompt format.</param>
/// <param name="turns">Earlier turns. If a conversation continues one of them, the prompt contains the tokens that the model generated in that turn.</param>
/// <param name="cancellationToken">Ends the rendering of a chat template.</param>
internal sealed class ChatSessionPrompts(ILlamaModel model, ChatSessionOptions options, ChatSessionTurn[] turns, CancellationToken cancellationToken)
{
    // The length of the context is divided by this number to get the length that is kept free for an answer of unlimited length.
    private const int AnswerShare = 4;
    private readonly PromptFormat _format = options.PromptFormat!;

    /// <summary>
    /// The tokens of the conversation, or of the part that is kept: the system message, and as many of the last turns as leave room for an answer.
    /// </summary>
    public int[] Encode(LlamaMessage[] conversation, GenerationOptions generation, out LlamaMessage[] kept)
    {
        int room = model.ContextLength - Math.Min(generation.MaxTokens ?? int.MaxValue, Math.Max(1, model.ContextLength / AnswerShare));
        kept = conversation;
        int[] prompt = Encode(kept);
        int systemCount = conversation.TakeWhile(message => message.Role == LlamaRole.System).Count();
        int[] starts = [.. Enumerable.Range(0, conversation.Length).Where(i => i > systemCount && conversation[i].Role == LlamaRole.User)];
        if (options.Overflow != ContextOverflow.Stop && prompt.Length > room && starts.Length > 0)
        {
            // Fewer turns have fewer tokens, so a binary search finds the largest number of turns that leaves enough room. The last turn is kept even
            // if it leaves no room at all; the prompt is then refused later.
            int low = 0;
            for (int high = starts.Length - 1; low < high;)
            {
                int middle = (low + high) / 2;
                (low, high) = Encode(From(starts[middle])).Length <= room ? (low, middle) : (middle + 1, high);
            }

            kept = From(starts[low]);
            prompt = Encode(kept);
        }

        LlamaMessage[] messages = kept;
        int[]? spliced = Array.Find(turns, turn => turn.Begins(messages))?.Splice(prompt, turn => Encode(turn, addGenerationPrompt: false));
        return spliced is not null && spliced.Length <= Math.Max(room, prompt.Length) ? spliced : prompt;

        LlamaMessage[] From(int start) => [.. conversation[..systemCount], .. conversation[start..]];
    }

    /// <summary>
    /// Adds to a turn's options the stop sequences and stop tokens of the prompt format, the scope in which the prompt is shared, and the number of its
    /// public tokens. If the context may shift, adds the number of tokens at the beginning that are always kept.
    /// </summary>
    public GenerationOptions Complete(GenerationOptions generation, LlamaMessage[] conversation, int[] prompt)
    {
        generation = generation with
        {
            FormatStopSequences = _format.StopSequences,
            FormatStopTokens = _format.FindStopTokens(model.Tokenizer),
            // The scope in the turn's options, if they name one; otherwise the scope in the session's options.
            PrefixScope = generation.PrefixScope ?? options.Generation.PrefixScope,
            PublicPrefixTokenCount = CountPublicTokens(conversation, prompt),
        };
        return options.Overflow == ContextOverflow.Shift ? generation with { AttentionSinkCount = CountSystemTokens(conversation, prompt) } : generation;
    }

    // The number of tokens at the beginning of the prompt that the system message determines: the prompt of any other conversation with the same
    // system message begins with the same tokens.
    private int CountSystemTokens(LlamaMessage[] conversation, int[] prompt)
    {
        IEnumerable<LlamaMessage> system = conversation.TakeWhile(message => message.Role == LlamaRole.System);
        int[] other = Encode([.. system, LlamaMessage.User("?")]);
        return prompt.AsSpan().CommonPrefixLength(other);
    }

    // The number of tokens at the beginning of the prompt that depend only on the longest matching public system prompt, and not on the text after it. This
    // number
    // must not depend on the user's text. Therefore the prompt is compared with two prompts that have other user messages. The first tokens of these
    // two messages differ, even if a first token includes the space before its message. The prompt is also compared with a prompt whose user message is empty,
    // if the format allows an empty message.
    private int CountPublicTokens(LlamaMessage[] conversation, int[] prompt)
    {
        string? text = conversation is [{ Role: LlamaRole.System } first, ..]
            ? options.PublicSystemPrompts.Where(text => first.Content.StartsWith(text, StringComparison.Ordinal)).MaxBy(text => text.Length)
            : null;
        if (text is null)
        {
            return 0;
        }

        int count = prompt.Length;
        foreach (string said in (ReadOnlySpan<string>)["a", "\uE000", ""])
        {
            if (TryEncode([LlamaMessage.System(text), LlamaMessage.User(said)]) is { } other)
            {
                count = prompt.AsSpan(0, count).CommonPrefixLength(other);
            }
            else if (said.Length > 0)
            {
                // If the prompt of a user message that is not empty cannot be encoded, it is unknown where the user's text begins.
                return 0;
            }
        }

        return count;
    }

    // Encodes the messages without the tools, because tools are not public. Returns null if the format refuses the messages: some formats refuse an
    // empty message.
    private int[]? TryEncode(LlamaMessage[] messages)
    {
        try
        {
            return Encode(messages, tools: []);
        }
        catch (Exception exception) when (exception is PromptFormatException or PromptTemplateException)
        {
            return null;
        }
    }

    private int[] Encode(LlamaMessage[] messages, bool addGenerationPrompt = true) => Encode(messages, options.Tools, addGenerationPrompt);

    private int[] Encode(LlamaMessage[] messages, IReadOnlyList<LlamaTool> tools, bool addGenerationPrompt = true)
        => options.TurnOrder == TurnOrderPolicy.Arrange
            ? _format.EncodeArranged(messages, model.Tokenizer, options.SpecialTokens, addGenerationPrompt, tools, cancellationToken)
            : _format.Encode(messages, model.Tokenizer, options.SpecialTokens, addGenerationPrompt, tools, cancellationToken);
}
