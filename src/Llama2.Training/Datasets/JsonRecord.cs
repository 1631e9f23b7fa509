using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>A record of a data set, or why there is none.</summary>
/// <param name="LineNumber">The line that it begins on, from 1.</param>
/// <param name="Element">The record, valid until the next one is read.</param>
/// <param name="Fault">What is wrong with it; null if nothing is.</param>
/// <param name="IsLast">Whether the fault hides where later records begin, so that there are none.</param>
internal readonly record struct JsonRecord(long LineNumber, JsonElement Element, string? Fault = null, bool IsLast = false);
