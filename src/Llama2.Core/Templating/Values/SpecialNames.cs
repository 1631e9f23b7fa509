namespace Llama2.Templating.Values;

/// <summary>The names that a macro's body has without declaring them; those that it uses decide what it can be given.</summary>
[Flags]
internal enum SpecialNames
{
    None = 0,

    /// <summary><c>caller</c>: the body of the call block that calls the macro.</summary>
    Caller = 1,

    /// <summary><c>varargs</c>: arguments beyond the parameters.</summary>
    Positional = 2,

    /// <summary><c>kwargs</c>: arguments with names that are not parameters.</summary>
    Keywords = 4,
}
