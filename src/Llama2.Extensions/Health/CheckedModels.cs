namespace Llama2.Extensions.Health;

/// <summary>Options without properties, by whose validation a host finds out at its start that there is no model of a check's name.</summary>
internal sealed class CheckedModels;
