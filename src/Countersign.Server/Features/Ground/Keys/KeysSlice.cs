using System.Globalization;

namespace Countersign.Server.Features.Ground.Keys;

/// <summary>What the command line does with master keys and the key ring, beside running nodes.</summary>
internal static class KeysSlice
{
    public static IServiceCollection AddKeys(this IServiceCollection services) =>
        services.AddSingleton<KeyNeeds>()
            .AddSingleton<KeyJournal>()
            .AddSingleton<ListKeys>()
            .AddSingleton<RotateMasterKey>()
            .AddSingleton<RotateKeyRing>()
            .AddSingleton<RewrapKeyRing>()
            .AddSingleton<RenewSeals>()
            .AddSingleton<RetireMasterKey>()
            .AddSingleton<MoveMasterKeys>();

    /// <summary>For statements that look at every row: with millions of users they take their time, and nobody waits for them.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>An instant as the key file writes it.</summary>
    public static string InWords(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
