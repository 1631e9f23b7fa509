namespace Llama2.Templating.Values;

/// <summary>
/// The names that a macro's body can use without declaring them. The names that the body uses determine which additional arguments the macro accepts.
/// </summary>
[Flags]
internal enum SpecialNames
{
    None = 0,

    /// <summary><c>caller</c>: the body of the call block that calls the macro.</summary>
    Caller = 1,

    /// <summary><c>varargs</c>: positional arguments beyond the parameters.</summary>
    Positional = 2,

    /// <summary><c>kwargs</c>: named arguments that are not parameters.</summary>
    Keywords = 4,
}
