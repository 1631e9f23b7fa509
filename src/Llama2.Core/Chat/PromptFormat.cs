using Llama2.Chat;
using Llama2.Chat.Tools;
using static System.FormattableString;

namespace Llama2;

/// <summary>
/// How a conversation is encoded as the prompt of a chat model: which tags and control tokens surround the messages. A model answers well only in the
/// format with which it was fine-tuned. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// In a format's own text, control tokens are recognised; a control token that the vocabulary does not have, such as <c>&lt;|im_end|&gt;</c>,
/// is encoded as its characters. A message's text is data and treated as <see cref="SpecialTokenPolicy"/> determines. The begin-of-sequence token is
/// added if the vocabulary's file states that prompts have one.
/// </para>
/// <para>No format adds a system message automatically: see <see cref="SystemPrompts"/>.</para>
/// </remarks>
/// <example><code>
/// PromptFormat format = PromptFormat.Detect(model);
/// int[] prompt = format.Encode([LlamaMessage.User("Where do llamas live?")], model.Tokenizer);
/// var options = new GenerationOptions { StopSequences = format.StopSequences };
/// await foreach (GenerationUpdate update in model.GenerateAsync(prompt, options))
///     Console.Write(update.Text);
/// </code></example>
public sealed partial class PromptFormat
{
    /// <summary>The maximum number of messages of a conversation: 65,536.</summary>
    public const int MaxMessageCount = 1 << 16;

    /// <summary>The maximum length of all messages together, in UTF-16 characters: 8,388,608.</summary>
    public const int MaxTextLength = ModelTokenizer.MaxTextLength / 2;

    private readonly IPromptLayout _layout;
    private readonly string[] _tags;

    private PromptFormat(string name, IPromptLayout layout, string[] tags, params string[] stopSequences)
        : this(name, layout, tags, stopSequences, ToolFormat.Json)
    {
    }

    private PromptFormat(string name, IPromptLayout layout, string[] tags, IEnumerable<string> stopSequences, ToolFormat toolFormat)
    {
        Name = name;
        StopSequences = Array.AsReadOnly([.. stopSequences]);
        ToolFormat = toolFormat;
        _layout = layout;
        _tags = tags;
    }

    /// <summary>The name, such as <c>llama-2</c> or <c>chatml</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// Texts that end an answer, in addition to the end-of-sequence token; pass them to <see cref="GenerationOptions.StopSequences"/>. Empty for
    /// formats whose answers end with that token.
    /// </summary>
    public IReadOnlyList<string> StopSequences { get; }

    /// <summary>
    /// How tools are described to the model and how it calls them: as in its chat template, if the template supports tools, and otherwise as in
    /// <see cref="ToolFormat.Json"/>.
    /// </summary>
    public ToolFormat ToolFormat { get; }

    /// <summary>The format's tags: texts that messages must not forge.</summary>
    internal IReadOnlyList<string> Tags => _tags;

    /// <summary>Encodes a conversation.</summary>
    /// <remarks>
    /// For each answer in a conversation, the conversation's tokens begin with the tokens of the prompt for this answer, as if the model had continued that
    /// prompt. In formats whose turns end with a token, a conversation's tokens also begin with the tokens that its first turns have when these turns are
    /// encoded alone.
    /// The keys and values of these common tokens
    /// can then be reused.
    /// </remarks>
    /// <param name="messages">1 to <see cref="MaxMessageCount"/> messages of at most <see cref="MaxTextLength"/> characters together.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="policy">How control tokens and tags in the messages' texts are treated.</param>
    /// <param name="addGenerationPrompt">
    /// True, the default, if the model is to answer next: the prompt then ends with the introduction of an answer. False to encode the conversation
    /// without this introduction.
    /// </param>
    /// <param name="tools">
    /// The tools that the prompt describes to the model, at most <see cref="ToolFormat.MaxToolCount"/>, with different names; null (the default) for
    /// none. See <see cref="ToolFormat"/>.
    /// </param>
    /// <param name="cancellationToken">Cancels the rendering of a chat template.</param>
    /// <returns>The token ids, including begin-of-sequence, in the form in which the model takes them.</returns>
    /// <exception cref="PromptFormatException">
    /// The format does not support the order of the roles, <see cref="SpecialTokenPolicy.Reject"/> refuses a text, or the format needs an
    /// end-of-sequence token that the vocabulary lacks.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// There are no messages or too many, a message is null, the texts are too long, two tools have the same name, or the tool format cannot write a name.
    /// </exception>
    /// <exception cref="PromptTemplateException">A chat template refuses the conversation or exceeds a limit.</exception>
    /// <exception cref="OperationCanceledException">The rendering was cancelled.</exception>
    public int[] Encode(
        IReadOnlyList<LlamaMessage> messages,
        ModelTokenizer tokenizer,
        SpecialTokenPolicy policy = SpecialTokenPolicy.Escape,
        bool addGenerationPrompt = true,
        IReadOnlyList<LlamaTool>? tools = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (!Enum.IsDefined(policy))
            throw new ArgumentOutOfRangeException(nameof(policy), policy, "It must be Escape, Reject or Allow.");

        // The messages are copied, because the caller's list may change, or may give different messages each time it is read.
        LlamaMessage[] copy = [.. messages.Take(MaxMessageCount + 1)];
        Check(copy, minimumCount: 1);
        PromptEnd end = addGenerationPrompt ? PromptEnd.GenerationPrompt : PromptEnd.Message;
        return EncodeChecked(copy, isArranged: false, tokenizer, policy, end, tools, cancellationToken);
    }

    /// <summary>Returns the same prompt format with another tool format.</summary>
    /// <param name="toolFormat">How tools are described to the model and how it calls them.</param>
    public PromptFormat WithToolFormat(TextToolFormat toolFormat)
    {
        ArgumentNullException.ThrowIfNull(toolFormat);
        return new PromptFormat(Name, _layout, _tags, StopSequences, toolFormat);
    }

    /// <inheritdoc cref="Name"/>
    public override string ToString() => Name;

    /// <summary>Encodes a conversation for training.</summary>
    /// <param name="messages">As in <see cref="Encode"/>; <see cref="LlamaMessage.IsLearned"/> states which of them are learned.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="lossMask">
    /// One value for each token: true from the end of the prompt that <see cref="Encode"/> returns for an answer, up to and including the token that
    /// ends the answer. See <see cref="LossMask"/>.
    /// </param>
    /// <param name="maxLength">
    /// The number of tokens used for training; the rest is cut off. Answers that begin in the rest are not checked against their prompts.
    /// </param>
    /// <param name="tools">As in <see cref="Encode"/>.</param>
    /// <param name="cancellationToken">Ends the rendering of a chat template.</param>
    /// <returns>All token ids, including those beyond <paramref name="maxLength"/>. Tags and control tokens in the messages' texts are escaped.</returns>
    /// <exception cref="PromptFormatException">
    /// Thrown for the reasons stated at <see cref="Encode"/>, or because a chat template does not write the messages one after another. It is also thrown if a
    /// template's prompt for an answer differs from the text that the template writes before this answer in the conversation. The last reason is that rendering
    /// the prompts takes longer than <see cref="AnswerPrompts.MaxDuration"/>. Calls that a chat template writes itself are refused, because their tokens
    /// cannot be distinguished from the template's own.
    /// </exception>
    internal int[] EncodeForTraining(
        IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, out bool[] lossMask, int maxLength = int.MaxValue, IReadOnlyList<LlamaTool>? tools = null,
        CancellationToken cancellationToken = default)
    {
        LlamaMessage[] copy = [.. messages.Take(MaxMessageCount + 1)];
        Check(copy, minimumCount: 1);
        LlamaTool[] announced = LlamaTool.Check(tools ?? [], 0);
        if (ToolTurns.HasTools(copy, announced))
        {
            copy = ToolFormat is TextToolFormat format
                ? ToolTurns.Write(copy, announced, format)
                : throw new PromptFormatException("The chat template writes tools and calls itself, so the tokens of a call cannot be distinguished from its own, and are not learned: use one of the presets, which write them as JSON between tags.");
            Check(copy, minimumCount: 1);
        }

        var origins = new TokenOrigins();
        var writer = new PromptWriter(copy, tokenizer, SpecialTokenPolicy.Escape, origins);
        int[] tokens = Write(_layout, copy, writer, PromptEnd.Message, cancellationToken);
        writer.Prompts?.Check(index => copy[index].IsLearned != false && origins.FindAnswer(index) < maxLength);
        lossMask = LossMask.Create(tokens, origins, copy, tokenizer, FindStopTokens(tokenizer), StopSequences);
        return tokens;
    }

    /// <summary>Encodes a conversation as described at <see cref="TurnOrderPolicy.Arrange"/>.</summary>
    /// <param name="messages">Any messages, or none, within the limits of <see cref="Encode"/>.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="policy">How control tokens and tags in the messages' texts are treated.</param>
    /// <param name="isAnswered">
    /// True, the default, if the model is to write next: the rest of the last message if that is an answer, otherwise a new answer. False to encode the
    /// conversation without the introduction of an answer.
    /// </param>
    /// <param name="tools">As in <see cref="Encode"/>.</param>
    /// <param name="cancellationToken">Ends the rendering of a chat template.</param>
    /// <exception cref="PromptFormatException">As in <see cref="Encode"/>; the exception's message index is null if the messages were rearranged.</exception>
    /// <exception cref="ArgumentException">There are too many messages, a message is null, or the texts are too long.</exception>
    internal int[] EncodeArranged(
        IReadOnlyList<LlamaMessage> messages, ModelTokenizer tokenizer, SpecialTokenPolicy policy, bool isAnswered = true, IReadOnlyList<LlamaTool>? tools = null,
        CancellationToken cancellationToken = default)
    {
        LlamaMessage[] given = [.. messages.Take(MaxMessageCount + 1)];
        Check(given, minimumCount: 0);
        PromptEnd end = !isAnswered ? PromptEnd.Message : given is [.., { Role: LlamaRole.Assistant }] ? PromptEnd.OpenAnswer : PromptEnd.GenerationPrompt;
        return EncodeChecked(given, isArranged: true, tokenizer, policy, end, tools, cancellationToken);
    }

    /// <summary>The preset with the given name, or null.</summary>
    internal static PromptFormat? FindPreset(string name)
        => Array.Find([Llama2, VicunaV0, Vicuna, Alpaca, ChatMl, Zephyr, Mistral, Plain], format => format.Name == name);

    /// <summary>The tokens that end an answer, in addition to end-of-sequence: tokens of the vocabulary whose text is one of the stop sequences.</summary>
    internal int[] FindStopTokens(ModelTokenizer tokenizer) =>
        [.. StopSequences.Select(tokenizer.FindSpecialToken).Where(id => id >= 0).Distinct()];

    private int[] EncodeChecked(
        LlamaMessage[] given, bool isArranged, ModelTokenizer tokenizer, SpecialTokenPolicy policy, PromptEnd end, IReadOnlyList<LlamaTool>? tools, CancellationToken cancellationToken)
    {
        LlamaTool[] announced = LlamaTool.Check(tools ?? [], 0);
        bool hasTools = ToolTurns.HasTools(given, announced);
        LlamaMessage[] messages = given;
        IPromptLayout layout = _layout;
        IReadOnlyList<string> toolTags = [];
        if (hasTools && ToolFormat is TextToolFormat format)
        {
            (messages, toolTags) = (ToolTurns.Write(given, announced, format), format.Tags);
            Check(messages, minimumCount: 0);
        }
        else if (hasTools)
        {
            layout = ((TemplateLayout)_layout).With(announced, (TemplateToolFormat)ToolFormat);
        }

        if (isArranged)
            messages = [.. layout.Arrange(messages, tokenizer, end, cancellationToken)];
        var writer = new PromptWriter(messages, tokenizer, policy);
        writer.Guard(toolTags);
        try
        {
            return Write(layout, messages, writer, end, cancellationToken);
        }
        catch (PromptFormatException exception) when (exception is { Tag: not null, MessageIndex: not null } && !messages.SequenceEqual(given))
        {
            throw new PromptFormatException(
                $"A message contains '{exception.Tag}', which could forge a turn: remove it, or use {nameof(SpecialTokenPolicy)}.{nameof(SpecialTokenPolicy.Escape)}.", tag: exception.Tag);
        }
    }

    private int[] Write(IPromptLayout layout, LlamaMessage[] messages, PromptWriter writer, PromptEnd end, CancellationToken cancellationToken)
    {
        writer.Guard(_tags);
        layout.Write(writer, messages, end, cancellationToken);
        return writer.ToTokens();
    }

    private static void Check(LlamaMessage[] messages, int minimumCount)
    {
        if (messages.Length < minimumCount || messages.Length > MaxMessageCount)
            throw new ArgumentException(Invariant($"A conversation must have {minimumCount} to {MaxMessageCount:N0} messages."), nameof(messages));
        if (Array.FindIndex(messages, message => message is null) is var missing and >= 0)
            throw new ArgumentException(Invariant($"Message {missing:N0} is null."), nameof(messages));
        if (messages.Sum(message => message.Content.Length + message.ToolCalls.Sum(call => (long)call.Name.Length + call.Arguments.GetRawText().Length)) is var length and > MaxTextLength)
        {
            throw new ArgumentException(
                Invariant($"The messages have {length:N0} characters together; at most {MaxTextLength:N0} are allowed. Leave old ones out."), nameof(messages));
        }
    }
}
