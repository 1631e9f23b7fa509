using System.Runtime.CompilerServices;
using Llama2.Formats;
using static System.FormattableString;

namespace Llama2.Chat;

/// <summary>The implementation of <see cref="IChatSession"/>: it holds a list of messages, and each turn creates a prompt from this list.</summary>
internal sealed class ChatSession : IChatSession
{
    private readonly ILlamaModel _model;
    private readonly ChatSessionOptions _options;
    private readonly Lazy<OutputConstraint> _toolConstraint;
    private LlamaMessage[] _history;
    // The last turn and the turn before it. The earlier turn is needed if the last message is answered again.
    private ChatSessionTurn[] _turns;
    private int _turnCount;

    /// <param name="model">The model.</param>
    /// <param name="options">The options; they must have a prompt format.</param>
    /// <param name="history">The conversation so far.</param>
    public ChatSession(ILlamaModel model, ChatSessionOptions options, IEnumerable<LlamaMessage> history)
        : this(
            model, options, Copy(history, nameof(history)), [],
            new(() => options.PromptFormat!.ToolFormat.CreateConstraint(options.Tools, maxCallCount: options.MaxToolCallCount)))
    {
    }

    private ChatSession(ILlamaModel model, ChatSessionOptions options, LlamaMessage[] history, ChatSessionTurn[] turns, Lazy<OutputConstraint> toolConstraint)
    {
        _toolConstraint = toolConstraint;
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

    public IChatSession Fork() => new ChatSession(_model, _options, _history, _turns, _toolConstraint);

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
        int count = Array.FindLastIndex(history, message => message.Role is LlamaRole.User or LlamaRole.Tool) + 1;
        return count > 0 ? history[..count] : throw new InvalidOperationException("There is no message to answer: send one first.");
    }

    private async IAsyncEnumerable<GenerationUpdate> AnswerAsync(
        Func<LlamaMessage[], LlamaMessage[]> extend, GenerationOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using OpenTurn openTurn = BeginTurn();
        LlamaMessage[] conversation = extend(_history);
        LlamaMessage? open = null;
        if (IsArranging)
        {
            conversation = TurnOrder.WithoutEmptyAnswer(conversation);
            open = conversation is [.., { Role: LlamaRole.Assistant } last] ? last : null;
        }

        GenerationOptions generation = options ?? _options.Generation;
        var prompts = new ChatSessionPrompts(_model, _options, _turns, cancellationToken);
        int[] prompt = prompts.Encode(conversation, generation, out LlamaMessage[] kept);
        var answer = new AnswerText(open, generation.Constraint is not null, _options.Tools.Count > 0 ? PromptFormat.ToolFormat : null);
        if (_options.Tools.Count > 0 && generation.Constraint is null)
            generation = generation with { Constraint = _toolConstraint.Value };
        var tokens = new List<int>(prompt);
        await foreach (GenerationUpdate update in _model.GenerateAsync(prompt, prompts.Complete(generation, conversation, prompt), cancellationToken).ConfigureAwait(false))
        {
            GenerationUpdate answered = answer.Append(update);
            if (update.Token is int token)
            {
                tokens.Add(token);
            }
            else
            {
                LlamaMessage message = answer.ToMessage();
                int openCount = open is null ? 0 : 1;
                (_history, DroppedMessageCount) = ([.. conversation.SkipLast(openCount), message], conversation.Length - kept.Length);
                if (update.FinishReason == FinishReason.EndOfSequence)
                {
                    _turns = [new ChatSessionTurn([.. kept.SkipLast(openCount), message], [.. tokens]), .. _turns.Where(turn => turn.Begins(kept)).Take(1)];
                }
            }

            yield return answered;
        }
    }

    private OpenTurn BeginTurn()
    {
        if (Interlocked.Increment(ref _turnCount) > 1)
        {
            EndTurn();
            throw new InvalidOperationException(Invariant(
                $"A turn of this chat session ({PromptFormat.Name}, {_history.Length:N0} messages) is under way: wait until it ends, cancel it, or run another turn in a fork of the session."));
        }

        return new OpenTurn(EndTurn);
    }

    private void EndTurn() => Interlocked.Decrement(ref _turnCount);
}
