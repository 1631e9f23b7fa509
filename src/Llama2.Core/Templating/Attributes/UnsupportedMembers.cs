using Llama2.Templating.Values;

namespace Llama2.Templating.Attributes;

/// <summary>
/// Attributes that values have in Python, but that are not supported here. Using one of them is an error; otherwise it would look like an attribute
/// that does not exist, which prints nothing.
/// </summary>
internal static class UnsupportedMembers
{
    private static readonly HashSet<string>
        s_ofIntegers = ["as_integer_ratio", "bit_count", "bit_length", "conjugate", "from_bytes", "is_integer", "to_bytes"],
        s_ofDoubles = ["as_integer_ratio", "conjugate", "fromhex", "hex"],
        s_ofTexts = ["casefold", "encode", "isidentifier", "maketrans", "translate"],
        s_ofMarkup = ["escape", "striptags", "unescape"],
        s_ofDictionaries = ["fromkeys"],
        s_ofViews = ["isdisjoint", "mapping"],
        s_ofGenerators = ["close", "gi_running", "gi_suspended", "gi_yieldfrom", "send", "throw"],
        s_ofCycler = ["current", "next", "reset"],
        s_ofJoiners = ["sep", "used"];

    public static bool Has(TemplateValue value, string name) => value switch
    {
        IntegerValue or BooleanValue => s_ofIntegers.Contains(name),
        DoubleValue => s_ofDoubles.Contains(name),
        TextValue text => s_ofTexts.Contains(name) || (text.IsMarkup && s_ofMarkup.Contains(name)),
        DictionaryValue => s_ofDictionaries.Contains(name),
        ListValue { Kind: ListKind.Items or ListKind.Keys or ListKind.Values } => s_ofViews.Contains(name),
        GeneratorValue => s_ofGenerators.Contains(name),
        // 'dict' is a type in Python: it has attributes, and indexing it gives another type.
        FunctionValue { Macro: null, Name: "dict" } => !name.StartsWith('_'),
        FunctionValue { Macro: null, Name: "cycler" } => s_ofCycler.Contains(name),
        FunctionValue { Macro: null, Name: "a joiner" } => s_ofJoiners.Contains(name),
        _ => false,
    };
}
