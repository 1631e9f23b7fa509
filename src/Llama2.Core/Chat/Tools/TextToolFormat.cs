using System.Text.Json;
using Llama2.Chat.Tools;

namespace Llama2;

/// <summary>
/// A <see cref="ToolFormat"/> that is text within the messages of any prompt format: the tools are part of the system message, a call is part of an
/// answer, and a result is part of a user's message. Derived classes must be immutable and thread-safe.
/// </summary>
/// <remarks>
/// Names, descriptions, arguments and results are data from elsewhere. A derived class writes them so that they do not contain any of <see cref="Tags"/>,
/// as <see cref="Quote"/> does for tags that begin with <c>&lt;</c>. In the text of users, the tags are treated as
/// <see cref="SpecialTokenPolicy"/> determines.
/// </remarks>
/// <example><code>
/// PromptFormat format = PromptFormat.Detect(model).WithToolFormat(new MyToolFormat());
/// </code></example>
public abstract class TextToolFormat : ToolFormat
{
    /// <summary>Called by derived classes.</summary>
    protected TextToolFormat()
    {
    }

    /// <summary>
    /// The tags of the format, such as <c>&lt;tool_call&gt;</c>. The text of users must not contain them. A tag has 2 characters or more, and no
    /// space at either end.
    /// </summary>
    protected internal abstract IReadOnlyList<string> Tags { get; }

    /// <summary>The text for the system message that tells a model which tools there are and how to call them.</summary>
    /// <param name="tools">1 to <see cref="ToolFormat.MaxToolCount"/> tools with different names.</param>
    /// <exception cref="ArgumentException">There are no tools, too many tools, or two with the same name.</exception>
    public string Announce(IReadOnlyList<LlamaTool> tools) => WriteTools(LlamaTool.Check(tools, 1));

    /// <summary>The text of a result, for a user's message.</summary>
    /// <param name="result">What the tool returned: text, or JSON as text.</param>
    /// <param name="name">The tool's name; null if it is not known.</param>
    public abstract string WriteResult(string result, string? name = null);

    /// <summary>Writes what <see cref="Announce"/> returns.</summary>
    /// <param name="tools">The tools, which were checked.</param>
    protected abstract string WriteTools(IReadOnlyList<LlamaTool> tools);

    /// <summary>
    /// Returns a text as a JSON string in quotes, in which <c>&lt;</c> is written as an escape, so that the string cannot contain a tag.
    /// </summary>
    /// <param name="text">The text.</param>
    protected static string Quote(string text) => ToolJson.Quote(text);

    /// <summary>Returns JSON in one line, with a space after commas and colons. In its strings, <c>&lt;</c> is written as an escape.</summary>
    /// <param name="value">The value.</param>
    protected static string Write(JsonElement value) => ToolJson.Write(value);
}
