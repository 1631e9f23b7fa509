using System.Runtime.CompilerServices;
using Llama2.Chat;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2;

/// <summary>The one implementation of <see cref="IChatSession"/>: a list of messages, and the turn that makes a prompt of it.</summary>
internal sealed class ChatSession : IChatSession
{
    // Of the context, kept free for an answer whose length is not limited.
    private const int AnswerShare = 4;
    private readonly LlamaModel _model;
    private readonly ChatSessionOptions _options;
    private LlamaMessage[] _history;
    // The last turn, and the one before, for when the last is answered anew.
    private ChatSessionTurn[] _turns;
    private int _turnCount;
    private CancellationToken _turnCancellation; // of the turn that is under way: ends the rendering of its prompts

    /// <param name="model">The model.</param>
    /// <param name="options">With a prompt format.</param>
    /// <param name="history">The conversation so far.</param>
    public ChatSession(LlamaModel model, ChatSessionOptions options, IEnumerable<LlamaMessage> history)
        : this(model, options, Copy(history, nameof(history)), [])
    {
    }

    private ChatSession(LlamaModel model, ChatSessionOptions options, LlamaMessage[] history, ChatSessionTurn[] turns)
    {
        _model = model;
        _options = options;
        _history = history;
        _turns = turns;
    }

    public PromptFormat PromptFormat => _options.PromptFormat!;

    public IReadOnlyList<LlamaMessage> History
    {
        get => Array.AsReadOnly(_history);
        set
        {
            LlamaMessage[] history = Copy(value, nameof(History));
            using OpenTurn turn = BeginTurn();
            (_history, DroppedMessageCount) = (history, 0);
        }
    }

    public int DroppedMessageCount { get; private set; }

    private bool IsArranging => _options.TurnOrder == TurnOrderPolicy.Arrange;

    public IAsyncEnumerable<GenerationUpdate> SendAsync(string text, GenerationOptions? options = null, CancellationToken cancellationToken = default)
        => SendAsync([LlamaMessage.User(text)], options, cancellationToken);

    public IAsyncEnumerable<GenerationUpdate> SendAsync(
        IEnumerable<LlamaMessage> messages, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        LlamaMessage[] added = Copy(messages, nameof(messages));
        return added.Length > 0 || IsArranging
            ? AnswerAsync(history => [.. history, .. added], options, cancellationToken)
            : throw new ArgumentException("There are no messages to answer.", nameof(messages));
    }

    public IAsyncEnumerable<GenerationUpdate> RegenerateAsync(GenerationOptions? options = null, CancellationToken cancellationToken = default)
        => AnswerAsync(WithoutAnswer, options, cancellationToken);

    public IChatSession Fork() => new ChatSession(_model, _options, _history, _turns);

    public async Task SaveAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using OpenTurn turn = BeginTurn();
        await ChatSessionDocument.WriteAsync(stream, _model.Fingerprint, _options, _history, cancellationToken).ConfigureAwait(false);
    }

    public async Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        using var file = new AtomicFile(path);
        await SaveAsync(file.Stream, cancellationToken).ConfigureAwait(false);
        file.Commit();
    }

    private static LlamaMessage[] Copy(IEnumerable<LlamaMessage> messages, string name)
    {
        ArgumentNullException.ThrowIfNull(messages, name);
        LlamaMessage[] copy = [.. messages];
        return Array.TrueForAll(copy, message => message is not null) ? copy : throw new ArgumentException("A message is null.", name);
    }

    private static LlamaMessage[] WithoutAnswer(LlamaMessage[] history)
    {
        int count = Array.FindLastIndex(history, message => message.Role == LlamaRole.User) + 1;
        return count > 0 ? history[..count] : throw new InvalidOperationException("Nothing was said that could be answered: send a message first.");
    }

    private async IAsyncEnumerable<GenerationUpdate> AnswerAsync(
        Func<LlamaMessage[], LlamaMessage[]> extend, GenerationOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using OpenTurn openTurn = BeginTurn();
        _turnCancellation = cancellationToken;
        LlamaMessage[] conversation = extend(_history);
        LlamaMessage? open = null;
        if (IsArranging)
        {
            conversation = TurnOrder.WithoutEmptyAnswer(conversation);
            open = conversation is [.., { Role: LlamaRole.Assistant } last] ? last : null;
        }

        GenerationOptions generation = options ?? _options.Generation;
        int[] prompt = Encode(conversation, generation, out LlamaMessage[] kept);
        var answer = new AnswerText(open?.Content ?? "");
        var tokens = new List<int>(prompt);
        await foreach (GenerationUpdate update in _model.GenerateAsync(prompt, Complete(generation, conversation, prompt), cancellationToken).ConfigureAwait(false))
        {
            string text = answer.Append(update.Text);
            if (update.Token is int token)
            {
                tokens.Add(token);
            }
            else
            {
                var message = LlamaMessage.Assistant(answer.ToString());
                int openCount = open is null ? 0 : 1;
                (_history, DroppedMessageCount) = ([.. conversation.SkipLast(openCount), message], conversation.Length - kept.Length);
                if (update.FinishReason == FinishReason.EndOfSequence)
                {
                    _turns = [new ChatSessionTurn([.. kept.SkipLast(openCount), message], [.. tokens]), .. _turns.Where(turn => turn.Begins(kept)).Take(1)];
                }
            }

            yield return update with { Text = text };
        }
    }

    // What the format ends answers with, with whom the prompt is shared, and, where the context may shift, what of it stays.
    private GenerationOptions Complete(GenerationOptions generation, LlamaMessage[] conversation, int[] prompt)
    {
        generation = generation with
        {
            FormatStopSequences = PromptFormat.StopSequences,
            FormatStopTokens = PromptFormat.FindStopTokens(_model.Tokenizer),
            // A call's own options do not lead out of the session's scope.
            PrefixScope = generation.PrefixScope ?? _options.Generation.PrefixScope,
            PublicPrefixTokenCount = CountPublicTokens(conversation, prompt),
        };
        return _options.Overflow == ContextOverflow.Shift ? generation with { AttentionSinkCount = CountSystemTokens(conversation, prompt) } : generation;
    }

    // The tokens that the prompt shares with that of another conversation under the same system message.
    private int CountSystemTokens(LlamaMessage[] conversation, int[] prompt)
    {
        IEnumerable<LlamaMessage> system = conversation.TakeWhile(message => message.Role == LlamaRole.System);
        int[] other = Encode([.. system, LlamaMessage.User("?")]);
        return prompt.AsSpan().CommonPrefixLength(other);
    }

    // The tokens that the prompt begins with whatever is said after the longest of the public system prompts. First messages that have no token
    // in common, not even that of a leading space, bound them: their number must not depend on what the user says.
    private int CountPublicTokens(LlamaMessage[] conversation, int[] prompt)
    {
        string? text = conversation is [{ Role: LlamaRole.System } first, ..]
            ? _options.PublicSystemPrompts.Where(text => first.Content.StartsWith(text, StringComparison.Ordinal)).MaxBy(text => text.Length)
            : null;
        if (text is null)
        {
            return 0;
        }

        int count = prompt.Length;
        foreach (string said in (ReadOnlySpan<string>)["a", "\uE000", ""])
        {
            try
            {
                count = prompt.AsSpan(0, count).CommonPrefixLength(Encode([LlamaMessage.System(text), LlamaMessage.User(said)]));
            }
            catch (Exception exception) when (exception is PromptFormatException or PromptTemplateException)
            {
                // What the format refuses, no user can have said.
            }
        }

        return count;
    }

    // The conversation, or what is kept of it: the system message and as many of the last turns as leave room for an answer.
    private int[] Encode(LlamaMessage[] conversation, GenerationOptions generation, out LlamaMessage[] kept)
    {
        int room = _model.ContextLength - Math.Min(generation.MaxTokens ?? int.MaxValue, Math.Max(1, _model.ContextLength / AnswerShare));
        kept = conversation;
        int[] prompt = Encode(kept);
        int systemCount = conversation.TakeWhile(message => message.Role == LlamaRole.System).Count();
        int[] starts = [.. Enumerable.Range(0, conversation.Length).Where(i => i > systemCount && conversation[i].Role == LlamaRole.User)];
        if (_options.Overflow != ContextOverflow.Stop && prompt.Length > room && starts.Length > 0)
        {
            // Fewer turns are fewer tokens. The last turn is kept even if it leaves no room at all: it is refused then.
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
        int[]? spliced = Array.Find(_turns, turn => turn.Begins(messages))?.Splice(prompt, turn => Encode(turn, addGenerationPrompt: false));
        return spliced is not null && spliced.Length <= Math.Max(room, prompt.Length) ? spliced : prompt;

        LlamaMessage[] From(int start) => [.. conversation[..systemCount], .. conversation[start..]];
    }

    private int[] Encode(LlamaMessage[] messages, bool addGenerationPrompt = true)
        => IsArranging
            ? PromptFormat.EncodeArranged(messages, _model.Tokenizer, _options.SpecialTokens, addGenerationPrompt, _turnCancellation)
            : PromptFormat.Encode(messages, _model.Tokenizer, _options.SpecialTokens, addGenerationPrompt, _turnCancellation);

    private OpenTurn BeginTurn()
    {
        if (Interlocked.Increment(ref _turnCount) > 1)
        {
            EndTurn();
            throw new InvalidOperationException(Invariant(
                $"A turn of this chat session ({PromptFormat.Name}, {_history.Length:N0} messages) is under way: wait for its end, cancel it, or fork the session before it."));
        }

        return new OpenTurn(EndTurn);
    }

    private void EndTurn() => Interlocked.Decrement(ref _turnCount);
}
