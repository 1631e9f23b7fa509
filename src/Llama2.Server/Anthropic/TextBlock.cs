using Llama2.Server.Requests;

namespace Llama2.Server.Anthropic;

/// <summary>Reads blocks of text.</summary>
internal static class TextBlock
{
    /// <summary>The type of the block.</summary>
    public const string Type = "text";

    /// <summary>Reads a block whose type must be <c>text</c>.</summary>
    public static string Read(RequestValue value)
    {
        RequestObject block = value.Object();
        block.Require("type").Text(Type);
        string text = ReadFields(block);
        block.End();
        return text;
    }

    /// <summary>Reads the fields of a block whose type has been read.</summary>
    public static string ReadFields(RequestObject block)
    {
        string text = block.Require("text").Text();
        // Clients send an answer back as they received it, with a list of citations that is empty.
        block.Take("citations")?.List(0, 0);
        CacheControlField.Take(block);
        return text;
    }
}
