using System.Text.Json;

namespace Llama2.Training.Datasets;

/// <summary>A record of a data set, or its fault.</summary>
/// <param name="LineNumber">The line on which it begins, from 1.</param>
/// <param name="Element">The record, valid until the next one is read.</param>
/// <param name="Fault">What is wrong with it; null if it is valid.</param>
/// <param name="IsLast">Whether the fault makes it unknown where later records begin, so that reading ends.</param>
internal readonly record struct JsonRecord(long LineNumber, JsonElement Element, string? Fault = null, bool IsLast = false);
