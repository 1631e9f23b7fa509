using System.Text.Json;

namespace Llama2.Training.Datasets.Reading;

/// <summary>A record of a data set, or what is wrong with it.</summary>
/// <param name="LineNumber">The line on which the record begins, from 1.</param>
/// <param name="Element">The record; it is valid until the next record is read.</param>
/// <param name="Fault">What is wrong with the record; null if it is valid.</param>
/// <param name="IsLast">Whether no record follows. This is the case if the fault makes it impossible to tell where the next record begins.</param>
internal readonly record struct JsonRecord(long LineNumber, JsonElement Element, string? Fault = null, bool IsLast = false);
