namespace Llama2.Cli.Training;

/// <summary>An entry of a recipe.</summary>
/// <param name="Key">The name of an argument or an option, without dashes.</param>
/// <param name="Line">The line of the key, from 1.</param>
/// <param name="Values">The value, or the items of a list; an item of a map is written <c>KEY=VALUE</c>.</param>
internal sealed record RecipeEntry(string Key, long Line, IReadOnlyList<string> Values);
