using System.Text.Json.Serialization;

namespace Llama2.Training.Checkpoints;

/// <summary>Serializes JSON without reflection.</summary>
[JsonSerializable(typeof(CheckpointHeader))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
