using Llama2.Server.Requests;

namespace Llama2.Server.Anthropic;

/// <summary>Reads <c>cache_control</c>, which has no effect: the model keeps the keys and values of all prompts as long as there is room.</summary>
internal static class CacheControlField
{
    /// <summary>Takes the field from an object that may have it.</summary>
    public static void Take(RequestObject owner)
    {
        if (owner.Take("cache_control") is not { } value)
            return;
        RequestObject control = value.Object();
        control.Require("type").Text("ephemeral");
        control.TakeOnly("ttl", "5m", "1h");
        control.End();
    }
}
