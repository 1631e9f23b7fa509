namespace Llama2.Server.Models;

/// <summary>Whether the models of a server can be used.</summary>
internal enum ModelReadiness
{
    /// <summary>Requests are answered, although the first of them may have to wait until a model is loaded.</summary>
    Ready,

    /// <summary>A model is being loaded or warmed up in the background.</summary>
    Loading,

    /// <summary>A model could not be loaded.</summary>
    Failed,
}
