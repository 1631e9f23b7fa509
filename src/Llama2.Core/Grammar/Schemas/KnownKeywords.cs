using System.Collections.Frozen;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Decides which keywords demand nothing. According to the specification, a keyword that no draft defines is an annotation, and so is a format with an
/// unknown name. Only this class decides which keywords and which formats are annotations.
/// </summary>
internal static class KnownKeywords
{
    private static readonly FrozenSet<string> s_annotations = FrozenSet.Create(
        "title", "description", "default", "examples", "example", "$comment", "readOnly", "writeOnly", "deprecated", "contentEncoding", "contentMediaType",
        "contentSchema", "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$vocabulary", "$defs", "definitions", "links", "media", "discriminator",
        "externalDocs", "xml");

    // Keywords that some draft defines, that change which values are valid, and that are not supported.
    private static readonly FrozenSet<string> s_unsupported = FrozenSet.Create("$recursiveRef", "$recursiveAnchor", "extends", "disallow", "divisibleBy");

    /// <summary>Whether a keyword is an annotation, which demands nothing. Called only for keywords that cannot be translated into formulas.</summary>
    public static bool IsAnnotation(string keyword) => s_annotations.Contains(keyword) || !s_unsupported.Contains(keyword);

    /// <summary>Whether a format is an annotation, which demands nothing. Called only for formats that have no pattern.</summary>
    public static bool IsAnnotationFormat(string format) => true;
}
