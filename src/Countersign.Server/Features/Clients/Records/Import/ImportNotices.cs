using Countersign.Server.Features.Confirming.Devices;

namespace Countersign.Server.Features.Clients.Records.Import;

/// <summary>When each client of an import is told: one after the other, so that gateways and purses keep pace; or never.</summary>
internal sealed class ImportNotices(DateTimeOffset from, int perMinute, bool quiet)
{
    public bool Quiet => quiet;

    /// <summary>How many moments were given.</summary>
    public int Count { get; private set; }

    /// <summary>The moment of one client more.</summary>
    public DateTimeOffset Next()
    {
        var mine = Count++;
        return quiet ? EnrolmentRequest.Untold : from + Over(mine, perMinute);
    }

    /// <summary>How long it takes to tell so many.</summary>
    public static TimeSpan Over(int clients, int perMinute) => TimeSpan.FromMinutes(1) * clients / perMinute;
}
