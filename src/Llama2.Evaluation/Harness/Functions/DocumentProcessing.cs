using System.Text.Json;
using Llama2.Evaluation.Benchmarks;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Harness.Functions;

/// <summary>What task files do to all documents (<c>process_docs</c>).</summary>
internal static class DocumentProcessing
{
    /// <summary>The operation of a known function.</summary>
    public static Func<IReadOnlyList<JsonElement>, IReadOnlyList<JsonElement>> Of(KnownFunction function)
    {
        if (function.Task.Select is { } select)
            return select;
        // HellaSwag: the fields that its templates use are added to those of the document.
        DocumentTaskDefinition definition = function.Definition;
        return documents => [.. documents.Select(document => AddFields(document, definition))];
    }

    private static JsonElement AddFields(JsonElement document, DocumentTaskDefinition definition)
        => DocumentObject.Replace(document, ["query", "choices", "gold"], writer =>
        {
            writer.WriteString("query", definition.Text(document).ToText(null));
            writer.WriteTexts("choices", definition.Choices!(document));
            writer.WriteNumber("gold", definition.Target(document).Index ?? 0);
        });
}
