using System.Collections.Frozen;

namespace Llama2.Grammar.Schemas;

/// <summary>
/// Which keywords demand nothing. By the specification a keyword that no draft defines is an annotation; a format with an unknown name too. Both decisions
/// are here and nowhere else.
/// </summary>
internal static class KnownKeywords
{
    private static readonly FrozenSet<string> s_annotations = FrozenSet.Create(
        "title", "description", "default", "examples", "example", "$comment", "readOnly", "writeOnly", "deprecated", "contentEncoding", "contentMediaType",
        "contentSchema", "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$vocabulary", "$defs", "definitions", "links", "media", "discriminator",
        "externalDocs", "xml");

    // Keywords of a draft that change which values are valid, but are not read.
    private static readonly FrozenSet<string> s_unsupported = FrozenSet.Create("$recursiveRef", "$recursiveAnchor", "extends", "disallow", "divisibleBy");

    /// <summary>Whether a keyword that is not read demands nothing.</summary>
    public static bool IsAnnotation(string keyword) => s_annotations.Contains(keyword) || !s_unsupported.Contains(keyword);

    /// <summary>Whether a format that is not read demands nothing.</summary>
    public static bool IsAnnotationFormat(string format) => true;
}
