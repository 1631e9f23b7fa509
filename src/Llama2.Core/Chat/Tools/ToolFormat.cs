using Llama2.Chat.Tools;
using Llama2.Grammar;

namespace Llama2;

/// <summary>
/// How tools are described to a model, how it calls them, and how it receives their results. Each <see cref="PromptFormat"/> has a tool format: that of
/// its chat template, if the template supports tools, and otherwise <see cref="Json"/>. To define a tool format of your own, derive a class from
/// <see cref="TextToolFormat"/>. See docs/tools.md. Immutable and thread-safe.
/// </summary>
public abstract class ToolFormat
{
    /// <summary>The maximum number of tools of a conversation: 256.</summary>
    public const int MaxToolCount = 256;

    /// <summary>The maximum number of calls in one answer: 64.</summary>
    public const int MaxCallCount = 64;

    /// <summary>Called by derived classes. To define a tool format of your own, derive from <see cref="TextToolFormat"/> instead.</summary>
    protected ToolFormat()
    {
    }

    /// <summary>
    /// The tool format for models without a tool format of their own, which is also the tool format of Hermes 2 Pro: JSON between tags, which every
    /// vocabulary can write and every prompt format can carry.
    /// </summary>
    public static TextToolFormat Json { get; } = new JsonToolFormat();

    /// <summary>Whether an answer may have several calls.</summary>
    public bool AllowsSeveralCalls => CallSeparator is not null;

    /// <summary>The text with which every call begins. In an answer, this text never occurs before a call.</summary>
    protected internal abstract string CallStart { get; }

    /// <summary>The text after the arguments of a call. It ends with <see cref="CallEnd"/>.</summary>
    protected internal abstract string AfterArguments { get; }

    /// <summary>The text with which every call ends: 1 character or more. It may occur in the arguments too.</summary>
    protected internal virtual string CallEnd => AfterArguments;

    /// <summary>The text between two calls of one answer; null if an answer has at most one call.</summary>
    protected internal virtual string? CallSeparator => "\n";

    /// <summary>
    /// Creates a constraint which ensures that every call names one of the tools and has arguments that fit the schema of this tool's parameters.
    /// Objects have only the properties that the schema names, even where the schema does not exclude other properties; docs/tools.md states the
    /// exceptions.
    /// </summary>
    /// <param name="tools">1 to <see cref="MaxToolCount"/> tools with different names.</param>
    /// <param name="isRequired">
    /// True if the answer must consist of calls; false (the default) if it may also be text, or text followed by calls.
    /// </param>
    /// <param name="maxCallCount">
    /// The maximum number of calls in the answer, 1 (the default) to <see cref="MaxCallCount"/>; always 1 if <see cref="AllowsSeveralCalls"/> is false.
    /// </param>
    /// <param name="answerSchema">
    /// A JSON Schema that an answer without calls has to fit; an answer then consists either of calls or of JSON. Null (the default) allows any text.
    /// </param>
    /// <exception cref="ArgumentException">There are no tools, too many, or two with the same name; or the format cannot write a tool's name.</exception>
    /// <exception cref="OutputConstraintException">
    /// A schema is malformed, or has a keyword that cannot be enforced. The exception's message names the tool, and its path is a place in the tool's schema.
    /// </exception>
    public OutputConstraint CreateConstraint(IReadOnlyList<LlamaTool> tools, bool isRequired = false, int maxCallCount = 1, string? answerSchema = null)
    {
        LlamaTool[] copy = LlamaTool.Check(tools, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCallCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxCallCount, MaxCallCount);
        long length = 0;
        foreach (LlamaTool tool in tools)
        {
            length += tool.ParametersSchema.Length;
            if (length > OutputConstraint.MaxLength)
            {
                throw new OutputConstraintException(
                    $"With the parameters of the tool '{tool.Name}', the schemas of the tools have more than {OutputConstraint.MaxLength:N0} characters together; use fewer tools, or smaller schemas.", "");
            }
        }

        EmbeddedSchema[] calls = [.. copy.Select(tool => new EmbeddedSchema($"parameters of the tool '{tool.Name}'", BeforeArguments(tool.Name), ClosedSchema.Of(tool.ParametersSchema), AfterArguments))];
        return OutputConstraint.Of(
            "tool calls", string.Join(", ", copy.Select(tool => tool.Name)), () => CallGrammar.Build(calls, CallStart, CallSeparator, maxCallCount, isRequired, answerSchema));
    }

    /// <summary>Creates a reader that finds the calls in an answer while the answer is generated.</summary>
    public ToolCallReader CreateReader() => new(this, keepsLeadingSpace: false);

    /// <summary>The text of a call, as a model writes it in an answer.</summary>
    /// <param name="call">The call.</param>
    /// <exception cref="ArgumentException">The format cannot write the tool's name.</exception>
    public string WriteCall(LlamaToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        return BeforeArguments(call.Name) + ToolJson.Write(call.Arguments) + AfterArguments;
    }

    /// <summary>The text of a call before its arguments; it begins with <see cref="CallStart"/>.</summary>
    /// <param name="name">The tool's name.</param>
    /// <exception cref="ArgumentException">The format cannot write this name.</exception>
    protected internal abstract string BeforeArguments(string name);

    /// <summary>Reads a call.</summary>
    /// <param name="text">A text that begins with <see cref="CallStart"/> and ends with <see cref="CallEnd"/>.</param>
    /// <returns>The call; null if the text is the beginning of a call whose arguments contain <see cref="CallEnd"/>, or if it is not a call at all.</returns>
    protected internal abstract LlamaToolCall? ReadCall(string text);
}
